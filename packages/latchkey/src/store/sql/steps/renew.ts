import type { ChangePassword, SessionRecord, UserRecord } from "../../../types.ts";
import { concerned } from "../../rules/changes.ts";
import { toSession } from "../rows/session.ts";
import { first, type Scope, type Script } from "../script.ts";
import { live } from "./live.ts";

/** Gives a live session of the user a new credential: what was issued for it before carries a lower epoch (P3). */
export function* renewSession(
  { db, now, changes }: Scope,
  user: UserRecord,
  keep: NonNullable<ChangePassword["keep"]>,
): Script<SessionRecord | undefined> {
  const row = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set((eb) => ({ token_hash: keep.tokenHash, user_epoch: user.epoch + 1, epoch: eb("epoch", "+", 1) }))
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
