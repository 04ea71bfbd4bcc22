import { LatchkeyError } from "../../../errors.ts";
import type { AuditQuery, AuditRecord, UserQuery, UserRecord } from "../../../types.ts";
import { toUser, type UserRow } from "../rows/user.ts";
import type { Run } from "../run/run.ts";
import { listAudit as auditScript } from "../scripts/audit.ts";
import { userScripts } from "../scripts/users/all.ts";

/** Rows looked at by one script: a stretch of about a millisecond, in which nobody else is served. */
const examine = { users: 500, entries: 400 };
/** A page that is not full by then is given up, in ms: half a page would look like the last one. */
const patience = 1700;

export async function listUsers(run: Run, { limit, ...query }: UserQuery): Promise<readonly UserRecord[]> {
  const input = { ...query, search: query.search?.toLowerCase() };
  const rows = await fillPage(limit, async (left, from) => {
    const stretch = { ...input, examine: examine.users, limit: left, from };
    const { users, next } = await run<{ users: readonly UserRow[]; next: object | null }>(
      "read",
      userScripts.list,
      stretch,
    );
    return { found: users, next };
  });
  return rows.map(toUser);
}

export async function listAudit(run: Run, { limit, ...query }: AuditQuery): Promise<readonly AuditRecord[]> {
  interface Entry extends Pick<AuditRecord, "id" | "at"> {
    readonly body: Omit<AuditRecord, "id" | "at">;
  }
  const entries = await fillPage(limit, async (left, before = query.before) => {
    const stretch = { ...query, before, examine: examine.entries, limit: left };
    const { entries, next } = await run<{ entries: readonly Entry[]; next: number | null }>(
      "read",
      auditScript,
      stretch,
    );
    return { found: entries, next };
  });
  return entries.map(({ id, at, body }) => ({ ...body, id, at }));
}

/** Looks at stretch after stretch until the page is full or the list ends: no script is long. */
async function fillPage<Row, Place>(
  limit: number,
  look: (left: number, from: Place | undefined) => Promise<{ found: readonly Row[]; next: Place | null }>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const started = performance.now();
  for (let from: Place | undefined; ; ) {
    const { found, next } = await look(Math.max(limit - rows.length, 0), from);
    rows.push(...found);
    if (rows.length >= limit || next === null) return rows;
    if (performance.now() - started > patience)
      throw new LatchkeyError(
        "cannot_tell",
        `the search did not fill its page within ${patience} ms: ask for more of the name`,
      );
    from = next;
  }
}
