import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import type { EndReason, SessionId } from "../../../types.ts";
import { concerned } from "../../rules/changes.ts";
import type { Schema } from "../schema.ts";
import { all, type Scope, type Script } from "../script.ts";

/** The condition that a session is live, as `isLive` in `records.ts` puts it: for the `where` of every write. */
export function live(
  now: number,
): (eb: ExpressionBuilder<Schema, "latchkey_sessions">) => Expression<SqlBool> {
  return (eb) =>
    eb.and([
      eb("ended_at", "is", null),
      eb("dies_at", ">", now),
      // Of a deleted user there is no epoch, and the comparison is not true.
      eb("user_epoch", ">=", (of) =>
        of.selectFrom("latchkey_users").select("epoch").whereRef("id", "=", "latchkey_sessions.user_id"),
      ),
      eb("latchkey_sessions.global_epoch", ">=", (of) =>
        of.selectFrom("latchkey_meta").select("global_epoch"),
      ),
    ]);
}

/** Which live sessions to end. */
export interface Ending {
  readonly id?: SessionId | undefined;
  readonly userId?: string | undefined;
  readonly client?: string | undefined;
  readonly except?: SessionId | undefined;
  readonly reason: EndReason;
}

/** Ends live sessions and tells how many: the one place that does. An ended row is never written again (P4). */
export function* endLive({ db, now, changes }: Scope, ending: Ending): Script<number> {
  const { id, userId, client, except, reason } = ending;
  const ended = yield* all(
    db
      .updateTable("latchkey_sessions")
      .set({ ended_at: now, dies_at: now, end_reason: reason, epoch: sql<number>`epoch + 1` })
      .where(live(now))
      .$if(id !== undefined, (query) => query.where("id", "=", id ?? null))
      .$if(userId !== undefined, (query) => query.where("user_id", "=", userId ?? null))
      .$if(client !== undefined, (query) => query.where("client", "=", client ?? null))
      .$if(except !== undefined, (query) => query.where("id", "<>", except ?? null))
      .returning(["id", "user_id", "audiences"]),
  );
  for (const { id, user_id: userId, audiences } of ended) {
    const others = concerned({ audiences: JSON.parse(audiences) });
    changes.push({ kind: "session_ended", sessionId: id as SessionId, userId, ...others });
  }
  return ended.length;
}
