import { isBanned } from "../../lib/standing.ts";
import type { Change, ExternalUser, UserRecord } from "../../types.ts";

/** What becomes of a user by each change. All give the record itself where nothing changes. */

export function withName(user: UserRecord, name: string | null): UserRecord {
  return user.name === name ? user : { ...user, name };
}

export function withRoles(user: UserRecord, roles: readonly string[]): UserRecord {
  if (isSameList(user.roles, roles)) return user;
  return { ...user, roles: [...roles], version: user.version + 1 };
}

/** A ban always is a change: it ends what was issued until now, also where an earlier one did so before. */
export function withBan(
  user: UserRecord,
  ban: { readonly until: number | null; readonly reason: string | null },
): UserRecord {
  return {
    ...user,
    status: "banned",
    bannedUntil: ban.until,
    banReason: ban.reason,
    version: user.version + 1,
    epoch: user.epoch + 1,
  };
}

export function withoutBan(user: UserRecord): UserRecord {
  if (user.status === "active") return user;
  return { ...user, status: "active", bannedUntil: null, banReason: null, version: user.version + 1 };
}

/** The record as the application's own table says. A ban of ours with an end stands if it says "banned" too. */
export function bringUpToDate(user: UserRecord, external: ExternalUser, now: number): UserRecord {
  const { email, name, roles, status } = external;
  const named = user.email === email && user.name === name ? user : { ...user, email, name };
  const changed = withStanding(withRoles(named, roles), status, now);
  // Roles and status at once are one change.
  return changed.version > user.version ? { ...changed, version: user.version + 1 } : changed;
}

function withStanding(user: UserRecord, status: ExternalUser["status"], now: number): UserRecord {
  if (status === "active") return withoutBan(user);
  return isBanned(user, now) ? user : withBan(user, { until: null, reason: null });
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((it, i) => it === b[i]);
}
/** What verifiers must be told when a user's record takes the place of another. */
export function userChanges(before: UserRecord, user: UserRecord): readonly Change[] {
  const { id: userId, epoch, version, roles, status, bannedUntil } = user;
  const changes: Change[] = [];
  if (epoch !== before.epoch) changes.push({ kind: "user_epoch", userId, epoch });
  if (version !== before.version)
    changes.push({ kind: "user_state", userId, version, roles, status, bannedUntil });
  return changes;
}

/** The record with what a change says of it, where that is newer; the record itself where it is not. */
export function withUserChange(
  user: UserRecord,
  change: Extract<Change, { kind: "user_epoch" | "user_state" }>,
): UserRecord {
  if (change.kind === "user_epoch")
    return change.epoch > user.epoch ? { ...user, epoch: change.epoch } : user;
  if (change.version <= user.version) return user;
  const { version, roles, status, bannedUntil } = change;
  return { ...user, version, roles: [...roles], status, bannedUntil };
}
