import type { ChangePassword, SessionRecord, UserRecord } from "../../../../types.ts";
import type { Answer } from "../../../records.ts";
import { toSession } from "../../rows/session.ts";
import { first, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { endLive, live } from "../live.ts";
import { lockUser, readMeta } from "../locks.ts";
import { replaceUser } from "./users.ts";

export function* changePassword(scope: Scope, change: ChangePassword): Script<Answer<"changePassword">> {
  const { userId, keep } = change;
  const before = yield* lockUser(scope, userId);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  if (before.epoch !== change.epoch) return { ok: false, code: "conflict" };
  const session = keep && (yield* renew(scope, before, keep));
  if (session === undefined) return { ok: false, code: "session_ended" };
  const ended = yield* endLive(scope, { userId, except: keep?.id, reason: "password_changed" });
  const user = { ...before, passwordHash: change.passwordHash, epoch: before.epoch + 1 };
  yield* replaceUser(scope, before, user);
  const { global_epoch: globalEpoch, keys_version: keysVersion } = yield* readMeta(scope);
  yield* writeAudit(scope, change.audit);
  return { ok: true, user, session, globalEpoch, keysVersion, now: scope.now, ended };
}

/** Gives a live session of the user a new credential: what was issued for it before carries a lower epoch (P3). */
function* renew(
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
  changes.push({ kind: "session_epoch", sessionId: keep.id, userId: user.id, epoch: row.epoch });
  return toSession(row);
}
