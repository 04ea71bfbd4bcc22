import { fromAudit } from "../../../sql/rows/audit.ts";
import type { Scope } from "../../../sql/script.ts";
import { literal } from "./literal.ts";

/**
 * The statements that add what is to be told of a step to the logs, in the order of `withChanges`.
 *
 * @param mark what the entry of the change log is recognised by
 */
export function logTexts(scope: Pick<Scope, "now" | "audits" | "changes">, mark: string): readonly string[] {
  return [...auditTexts(scope), ...changeTexts(scope, mark)];
}

function auditTexts({ audits, now }: Pick<Scope, "audits" | "now">): string[] {
  return audits.map((entry) => {
    const { id: _, ...row } = fromAudit(entry, 0, now);
    const values = Object.values(row).map(literal);
    return `with head as (update latchkey_audit_head set newest = newest + 1 returning newest)
      insert into latchkey_audit (id, ${Object.keys(row).join(", ")})
      values ((select newest from head), ${values.join(", ")})`;
  });
}

/** Last before the commit: from here until then the numbers of entries and of commits are in one order (P6). */
function changeTexts({ changes, now }: Pick<Scope, "changes" | "now">, mark: string): string[] {
  if (changes.length === 0) return [];
  const tag = literal(mark);
  const values = [tag, literal(now), literal(JSON.stringify(changes))];
  return [
    `with head as (update latchkey_change_head set n = n + 1, tag = ${tag} returning n)
      insert into latchkey_changes (n, tag, at, body) values ((select n from head), ${values.join(", ")})`,
  ];
}

/** Finds the entry that was just added under a mark. */
export function entryText(mark: string): string {
  const recent = "n > (select n from latchkey_change_head) - 10000";
  return `select 1 from latchkey_changes where ${recent} and tag = ${literal(mark)}`;
}
