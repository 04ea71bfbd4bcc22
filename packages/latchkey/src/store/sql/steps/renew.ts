import { type RawBuilder, sql } from "kysely";
import type { ChangePassword, SessionRecord, UserRecord } from "../../../types.ts";
import { concerned } from "../../rules/changes.ts";
import { toSession } from "../rows/session.ts";
import { first, type Scope, type Script } from "../script.ts";
import { live } from "./live.ts";

/**
 * Gives a live session a new credential: what was issued for it before carries a lower epoch (P3). The user's epoch is the
 * one that they are about to have.
 */
export function* renewSession(
  { db, now, changes }: Scope,
  user: UserRecord,
  keep: NonNullable<ChangePassword["keep"]>,
): Script<SessionRecord | undefined> {
  const row = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set({ token_hash: keep.tokenHash, user_epoch: user.epoch, epoch: raisedEpoch(now) })
      .where("id", "=", keep.id)
      .where("user_id", "=", user.id)
      .where(live(now))
      .returningAll(),
  );
  if (row === undefined) return undefined;
  const session = toSession(row);
  const { id: sessionId, epoch } = session;
  changes.push({ kind: "session_epoch", sessionId, userId: user.id, epoch, ...concerned(session) });
  return session;
}

/** As `raisedEpoch` in `records.ts` has it: the record shows the whole second in which the session began. */
function raisedEpoch(now: number): RawBuilder<number> {
  const age = sql`(cast(${now} as bigint) - created_at + created_at % 1000) / 100`;
  return sql<number>`case when epoch < ${age} then ${age} else epoch + 1 end`;
}
