import { LatchkeyError } from "../../../errors.ts";
import type { AuditEntry, AuditQuery, AuditRecord } from "../../../types.ts";
import { fromAudit, toAudit } from "../rows/audit.ts";
import { all, first, run, type Scope, type Script, type Statement } from "../script.ts";

const nothing: readonly Statement[] = [];

/** Takes an entry along. It needs no statement now: entries are added when the step is through. */
export function* writeAudit(scope: Scope, entry: AuditEntry | null | undefined): Script<void> {
  if (entry !== null && entry !== undefined) scope.audits.push(entry);
  yield* nothing;
}

/**
 * Adds the entries that a step has taken along. Whoever else has one to add waits from here until the step is over, so
 * that ids rise in the order in which steps are committed and a page that was read is complete.
 */
export function* appendAudits({ db, now, audits }: Scope): Script<void> {
  for (const entry of audits) {
    const head = yield* first(
      db
        .updateTable("latchkey_audit_head")
        .set((eb) => ({ newest: eb("newest", "+", 1) }))
        .returning("newest"),
    );
    if (head === undefined) throw new LatchkeyError("cannot_tell", "the database has lost its audit log");
    yield* run(db.insertInto("latchkey_audit").values(fromAudit(entry, head.newest, now)));
  }
}

export function* listAudit({ db }: Scope, query: AuditQuery): Script<readonly AuditRecord[]> {
  const { userId, type, before, limit } = query;
  const rows = yield* all(
    db
      .selectFrom("latchkey_audit")
      .selectAll()
      .$if(userId !== undefined, (found) => found.where("user_id", "=", userId ?? null))
      .$if(type !== undefined, (found) => found.where("type", "=", type ?? ""))
      .$if(before !== undefined, (found) => found.where("id", "<", before ?? 0))
      .orderBy("id", "desc")
      .limit(Math.max(limit, 0)),
  );
  return rows.map(toAudit);
}
