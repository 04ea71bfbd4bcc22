import type { GuardedStepOptions, StepOptions } from "../../../../types.ts";
import type { Answer } from "../../../records.ts";
import { withBan, withoutBan, withRoles } from "../../../rules/changes.ts";
import type { Scope, Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { endLive } from "../live.ts";
import { isLast, lockGuarded } from "./in-charge.ts";
import { removeUser, replaceUser } from "./users.ts";

/** A user's standing: what shuts them out, and what ends with it. Sessions end before the epoch that makes them live rises. */

const notFound = { ok: false, code: "user_not_found" } as const;
const last = { ok: false, code: "last_administrator" } as const;

export function* setRoles(
  scope: Scope,
  id: string,
  roles: readonly string[],
  { audit, keepOneOf }: GuardedStepOptions,
): Script<Answer<"setRoles">> {
  const before = yield* lockGuarded(scope, id, keepOneOf);
  if (before === undefined) return notFound;
  if (before.externalRoles) return { ok: false, code: "kept_elsewhere" };
  const user = withRoles(before, roles, scope.now);
  if (yield* isLast(scope, before, user, keepOneOf)) return last;
  if (user === before) return { ok: true, user };
  yield* replaceUser(scope, before, user);
  yield* writeAudit(scope, audit);
  return { ok: true, user };
}

export function* banUser(
  scope: Scope,
  id: string,
  ban: { readonly until: number | null; readonly reason: string | null },
  { audit, keepOneOf, epoch }: GuardedStepOptions & { readonly epoch?: number | undefined },
): Script<Answer<"banUser">> {
  const before = yield* lockGuarded(scope, id, keepOneOf);
  if (before === undefined) return notFound;
  if (epoch !== undefined && before.epoch !== epoch) return { ok: false, code: "conflict" };
  const user = withBan(before, ban, scope.now);
  if (yield* isLast(scope, before, user, keepOneOf)) return last;
  const ended = yield* endLive(scope, { userId: id, reason: "banned" });
  yield* replaceUser(scope, before, user);
  yield* writeAudit(scope, audit);
  return { ok: true, user, ended };
}

export function* unbanUser(scope: Scope, id: string, { audit }: StepOptions): Script<Answer<"unbanUser">> {
  const before = yield* lockGuarded(scope, id, undefined);
  if (before === undefined) return notFound;
  const user = withoutBan(before, scope.now);
  if (user === before) return { ok: true, user };
  yield* replaceUser(scope, before, user);
  yield* writeAudit(scope, audit);
  return { ok: true, user };
}

export function* deleteUser(
  scope: Scope,
  id: string,
  { audit, keepOneOf, epoch }: GuardedStepOptions & { readonly epoch?: number | undefined },
): Script<Answer<"deleteUser">> {
  // The floor stands in the row that guarded steps lock first; so does this one, whether it is guarded or not.
  const user = yield* lockGuarded(scope, id, keepOneOf ?? []);
  if (user === undefined) return notFound;
  if (epoch !== undefined && user.epoch !== epoch) return { ok: false, code: "conflict" };
  if (yield* isLast(scope, user, undefined, keepOneOf)) return last;
  const ended = yield* endLive(scope, { userId: id, reason: "user_deleted" });
  yield* removeUser(scope, user);
  yield* writeAudit(scope, audit);
  return { ok: true, ended };
}
