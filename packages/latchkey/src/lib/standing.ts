import type { UserRecord } from "../types.ts";

/**
 * Whether a ban is in force at `now` (milliseconds). A ban with an end needs no job to lift it:
 * it is over when the clock says so.
 */
export function isBanned(user: Pick<UserRecord, "status" | "bannedUntil">, now: number): boolean {
  return user.status === "banned" && (user.bannedUntil === null || user.bannedUntil > now);
}
