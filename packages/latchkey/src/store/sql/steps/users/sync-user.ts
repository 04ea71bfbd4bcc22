import type { ExternalUser, StepOptions, UserRecord } from "../../../../types.ts";
import { type Answer, makeUser } from "../../../records.ts";
import { bringUpToDate, isAsRead } from "../../../rules/changes.ts";
import { Overtaken, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { endLive } from "../live.ts";
import { lockStore, lockUser, readMeta } from "../locks.ts";
import { freeAddress, insertUser, replaceUser } from "./users.ts";

export function* syncUser(
  scope: Scope,
  external: ExternalUser,
  { audit, from }: StepOptions & { readonly from?: UserRecord | null | undefined },
): Script<Answer<"syncUser">> {
  // A record that is not there cannot be locked, and two who make it at once are to find one.
  yield* lockStore(scope);
  const found = yield* lockUser(scope, external.id);
  if (from !== undefined && !isAsRead(found, from)) return { ok: false, code: "conflict" };
  const made = { ...external, roles: external.roles ?? [], passwordHash: null };
  const before = found ?? makeUser(made, scope.now, (yield* readMeta(scope)).user_floor);
  const user = bringUpToDate(before, external, scope.now);
  if (user === found) return { ok: true, user, ended: 0 };
  const isNewBan = user.epoch > before.epoch;
  const ended = isNewBan ? yield* endLive(scope, { userId: user.id, reason: "banned" }) : 0;
  yield* freeAddress(scope, external);
  if (found !== undefined) yield* replaceUser(scope, before, user);
  else if (!(yield* insertUser(scope, user))) throw new Overtaken("an address was taken while it was freed");
  yield* writeAudit(scope, audit);
  return { ok: true, user, ended };
}
