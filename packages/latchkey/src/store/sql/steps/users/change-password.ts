import type { ChangePassword } from "../../../../types.ts";
import { type Answer, raised } from "../../../records.ts";
import type { Scope, Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { endLive } from "../live.ts";
import { lockUser, readMeta } from "../locks.ts";
import { renewSession } from "../renew.ts";
import { replaceUser } from "./users.ts";

export function* changePassword(scope: Scope, change: ChangePassword): Script<Answer<"changePassword">> {
  const { userId, keep } = change;
  const before = yield* lockUser(scope, userId);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  if (before.epoch !== change.epoch) return { ok: false, code: "conflict" };
  const epoch = raised(before.epoch, scope.now);
  const session = keep && (yield* renewSession(scope, { ...before, epoch }, keep));
  if (session === undefined) return { ok: false, code: "session_ended" };
  const ended = yield* endLive(scope, { userId, except: keep?.id, reason: "password_changed" });
  const user = { ...before, passwordHash: change.passwordHash, epoch };
  yield* replaceUser(scope, before, user);
  const { global_epoch: globalEpoch, keys_version: keysVersion } = yield* readMeta(scope);
  yield* writeAudit(scope, change.audit);
  return { ok: true, user, session, globalEpoch, keysVersion, now: scope.now, ended };
}
