import type { UserRecord } from "../../../../types.ts";
import { leavesCharge } from "../../../rules/in-charge.ts";
import { first, type Scope, type Script } from "../../script.ts";
import { lockStore, lockUser } from "../locks.ts";
import { banned, holding } from "./conditions.ts";

/**
 * Locks the user whom a step changes. With a guard such steps run one at a time: two who each take the other out of
 * charge would both find the other still there.
 */
export function* lockGuarded(
  scope: Scope,
  id: string,
  keepOneOf: readonly string[] | undefined,
): Script<UserRecord | undefined> {
  if (keepOneOf !== undefined) yield* lockStore(scope);
  return yield* lockUser(scope, id);
}

/** Whether the change would leave nobody in charge. */
export function* isLast(
  scope: Scope,
  before: UserRecord,
  after: UserRecord | undefined,
  roles: readonly string[] = [],
): Script<boolean> {
  if (!leavesCharge(before, after, roles, scope.now)) return false;
  for (const role of roles) {
    if (yield* isHeldBySomeoneElse(scope, role, before.id)) return false;
  }
  return true;
}

function* isHeldBySomeoneElse({ db, now }: Scope, role: string, id: string): Script<boolean> {
  const query = db
    .selectFrom("latchkey_users")
    .select("id")
    .where("id", "<>", id)
    .where(holding(role))
    .where((eb) => eb.not(banned(now)(eb)))
    .limit(1);
  return (yield* first(query)) !== undefined;
}
