import { changesOf, isSameSet } from "../../lib/standing.ts";
import type { ExternalUser, UserRecord } from "../../types.ts";

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

/**
 * The record as the application's own table says. Each side turns its own lock only: a ban of ours stays whatever the
 * table says, and what the table leaves out stays as it is.
 */
export function bringUpToDate(user: UserRecord, external: ExternalUser): UserRecord {
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
    version: user.version + Number(isRaised),
    epoch: user.epoch + Number(changes.includes("banned")),
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
