import type { ExternalChange, ExternalUser, UserRecord } from "../types.ts";

/**
 * Whether a user is shut out at `now` (milliseconds), by a ban of ours or by one of the application's own. A ban with
 * an end needs no job to lift it: it is over when the clock says so.
 */
export function isBanned(
  user: Pick<UserRecord, "status" | "bannedUntil" | "externalBan">,
  now: number,
): boolean {
  return (
    user.externalBan || (user.status === "banned" && (user.bannedUntil === null || user.bannedUntil > now))
  );
}

/** In what the application's own table differs from our record of a user; nothing: it is up to date. */
export function changesOf(
  user: UserRecord,
  { email, name, roles, status = "active" }: ExternalUser,
): readonly ExternalChange[] {
  const isBannedThere = status === "banned";
  const changes: readonly (readonly [ExternalChange, boolean])[] = [
    ["email", user.email !== email],
    ["name", user.name !== name],
    ["roles", user.externalRoles !== (roles !== undefined) || !isSameSet(user.roles, roles ?? user.roles)],
    ["banned", isBannedThere && !user.externalBan],
    ["unbanned", !isBannedThere && user.externalBan],
  ];
  return changes.flatMap(([change, isSo]) => (isSo ? [change] : []));
}

/** The same strings in whatever order: a table that keeps one role a row gives them as they come. */
export function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [one, other] = [new Set(a), new Set(b)];
  return one.size === other.size && a.every((it) => other.has(it));
}
