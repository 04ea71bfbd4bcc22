import { changesOf, isSameSet } from "../../lib/standing.ts";
import type { Change, Concerned, ExternalUser, UserRecord } from "../../types.ts";
import { raised } from "../records.ts";

/** What becomes of a user by each change. All give the record itself where nothing changes. */

export function withName(user: UserRecord, name: string | null): UserRecord {
  return user.name === name ? user : { ...user, name };
}

export function withRoles(user: UserRecord, roles: readonly string[], now: number): UserRecord {
  if (isSameList(user.roles, roles)) return user;
  return { ...user, roles: [...roles], version: raised(user.version, now) };
}

/** A ban always is a change: it ends what was issued until now, also where an earlier one did so before. */
export function withBan(
  user: UserRecord,
  ban: { readonly until: number | null; readonly reason: string | null },
  now: number,
): UserRecord {
  return {
    ...user,
    status: "banned",
    bannedUntil: ban.until,
    banReason: ban.reason,
    version: raised(user.version, now),
    epoch: raised(user.epoch, now),
  };
}

export function withoutBan(user: UserRecord, now: number): UserRecord {
  if (user.status === "active") return user;
  const version = raised(user.version, now);
  return { ...user, status: "active", bannedUntil: null, banReason: null, version };
}

/**
 * The record as the application's own table says. Each side turns its own lock only: a ban of ours stays whatever the
 * table says, and what the table leaves out stays as it is.
 */
export function bringUpToDate(user: UserRecord, external: ExternalUser, now: number): UserRecord {
  const changes = changesOf(user, external);
  if (changes.length === 0) return user;
  const { email, name, status } = external;
  const externalBan = status === "banned";
  const roles = isSameSet(user.roles, external.roles ?? user.roles)
    ? user.roles
    : [...(external.roles ?? [])];
  const isRaised = roles !== user.roles || externalBan !== user.externalBan;
  return {
    ...user,
    email,
    name,
    roles,
    externalBan,
    externalRoles: external.roles !== undefined,
    // Roles and ban at once are one change.
    version: isRaised ? raised(user.version, now) : user.version,
    epoch: changes.includes("banned") ? raised(user.epoch, now) : user.epoch,
  };
}

/** Whether the record still is the one that was read then; null: whether there still is none. */
export function isAsRead(found: UserRecord | undefined, from: UserRecord | null): boolean {
  if (found === undefined || from === null) return found === undefined && from === null;
  const members = ["version", "epoch", "email", "name", "externalRoles"] as const;
  return members.every((member) => found[member] === from[member]);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((it, i) => it === b[i]);
}
/** The third parties that a change about this session or user concerns. */
export function concerned({ audiences }: { readonly audiences: readonly string[] }): Concerned {
  return audiences.length === 0 ? {} : { audiences };
}

/** The same session or user, exchanged for that third party; the record itself if it was so before. */
export function exchangedFor<Record extends { readonly audiences: readonly string[] }>(
  record: Record,
  audience: string,
): Record {
  if (record.audiences.includes(audience)) return record;
  return { ...record, audiences: [...record.audiences, audience] };
}

/** What verifiers must be told when a user's record takes the place of another. */
export function userChanges(before: UserRecord, user: UserRecord): readonly Change[] {
  const { id: userId, epoch, version, roles } = user;
  const changes: Change[] = [];
  if (epoch !== before.epoch) changes.push({ kind: "user_epoch", userId, epoch, ...concerned(user) });
  if (version !== before.version)
    changes.push({ kind: "user_state", userId, version, roles, ...standingOf(user) });
  return changes;
}

type Standing = Pick<Extract<Change, { kind: "user_state" }>, "status" | "bannedUntil" | "ownBan">;

/** To verifiers it is one ban, whoever set it; the two locks are kept apart for a store that has to be mended. */
function standingOf({ status, bannedUntil, externalBan }: UserRecord): Standing {
  if (!externalBan) return { status, bannedUntil };
  const ownBan = status === "banned" ? { until: bannedUntil } : null;
  return { status: "banned", bannedUntil: null, ownBan };
}

/** The two locks of a ban, as a change says that they are. */
export function locksOf({
  status,
  bannedUntil,
  ownBan,
}: Standing): Pick<UserRecord, "status" | "bannedUntil" | "externalBan"> {
  if (ownBan === undefined) return { status, bannedUntil, externalBan: false };
  return {
    status: ownBan === null ? "active" : "banned",
    bannedUntil: ownBan?.until ?? null,
    externalBan: true,
  };
}

/** What the id of a user who is not there begins with at least, if it comes back: above what the change says of it. */
export function floorOver(
  change: Extract<Change, { kind: "user_epoch" | "user_state" | "user_deleted" }>,
): number {
  return change.kind === "user_state" ? change.version + 1 : change.epoch;
}

/** The record with what a change says of it, where that is newer; the record itself where it is not. */
export function withUserChange(
  user: UserRecord,
  change: Extract<Change, { kind: "user_epoch" | "user_state" }>,
): UserRecord {
  if (change.kind === "user_epoch")
    return change.epoch > user.epoch ? { ...user, epoch: change.epoch } : user;
  if (change.version <= user.version) return user;
  return { ...user, version: change.version, roles: [...change.roles], ...locksOf(change) };
}
