import { isBanned } from "../../lib/standing.ts";
import type { UserRecord } from "../../types.ts";

/** What decides whether somebody is in charge. */
type Standing = Pick<UserRecord, "roles" | "status" | "bannedUntil" | "externalBan">;

/**
 * Whether a change takes someone out of charge who was: only then does it matter whether anybody else is left. What
 * a user becomes is undefined if they are deleted. Without roles nobody is in charge.
 */
export function leavesCharge(
  before: Standing,
  after: Standing | undefined,
  roles: readonly string[],
  now: number,
): boolean {
  return isInCharge(before, roles, now) && !(after !== undefined && isInCharge(after, roles, now));
}

/** Whether the user holds one of the roles and is not banned at this moment. */
export function isInCharge(user: Standing, roles: readonly string[], now: number): boolean {
  return !isBanned(user, now) && user.roles.some((role) => roles.includes(role));
}
