import type { Answer } from "../../records.ts";
import { run, type Scope, type Script } from "../script.ts";
import { endLive } from "./live.ts";
import { lockUser } from "./locks.ts";
import { changeUser, removeRoles } from "./users.ts";

/** A user's standing: what shuts them out, and what ends with it. Sessions end before the epoch that makes them live rises. */

export function* banUser(
  scope: Scope,
  id: string,
  ban: { readonly until: number | null; readonly reason: string | null },
): Script<Answer<"banUser">> {
  yield* lockUser(scope, id);
  const ended = yield* endLive(scope, { userId: id, reason: "banned" });
  const change = { status: "banned", banned_until: ban.until, ban_reason: ban.reason } as const;
  const banned = yield* changeUser(scope, id, change, { version: 1, epoch: 1 });
  return banned.ok ? { ...banned, ended } : banned;
}

export function* unbanUser(scope: Scope, id: string): Script<Answer<"unbanUser">> {
  const change = { status: "active", banned_until: null, ban_reason: null } as const;
  return yield* changeUser(scope, id, change, { version: 1, epoch: 0 });
}

export function* deleteUser(scope: Scope, id: string): Script<Answer<"deleteUser">> {
  if ((yield* lockUser(scope, id)) === undefined) return { ok: false, code: "user_not_found" };
  const ended = yield* endLive(scope, { userId: id, reason: "user_deleted" });
  yield* removeRoles(scope, id);
  yield* run(scope.db.deleteFrom("latchkey_users").where("id", "=", id));
  return { ok: true, ended };
}
