import type { NewUser, UserRecord } from "../../types.ts";
import { type Answer, makeUser } from "../records.ts";
import { endLive, insertNew, liveSessionsOf, replaceUser, type Tables } from "./tables.ts";

const notFound = { ok: false, code: "user_not_found" } as const;

/** Adds the user, or undefined if another one has the address. */
export function insertUser(tables: Tables, input: NewUser, now: number): UserRecord | undefined {
  if (input.email !== null && tables.userIdByEmail.has(input.email)) return undefined;
  const user = insertNew(tables.users, input.id, makeUser(input, now));
  if (user.email !== null) tables.userIdByEmail.set(user.email, user.id);
  return user;
}

export function createUser(
  tables: Tables,
  input: NewUser,
  unlessRole: string | undefined,
  now: number,
): Answer<"createUser"> {
  if (unlessRole !== undefined && hasRole(tables, unlessRole)) return { ok: false, code: "role_taken" };
  const user = insertUser(tables, input, now);
  return user === undefined ? { ok: false, code: "email_taken" } : { ok: true, user };
}

export function findUser(tables: Tables, by: { id: string } | { email: string }): UserRecord | undefined {
  const id = "id" in by ? by.id : tables.userIdByEmail.get(by.email);
  return id === undefined ? undefined : tables.users.get(id);
}

export function hasRole(tables: Tables, role: string): boolean {
  for (const user of tables.users.values()) {
    if (user.roles.includes(role)) return true;
  }
  return false;
}

/** Changes a user, if there is one, by what the change gives for them. */
export function changeUser(
  tables: Tables,
  id: string,
  change: (user: UserRecord) => Partial<UserRecord>,
): Answer<"setRoles"> {
  const user = tables.users.get(id);
  if (user === undefined) return notFound;
  return { ok: true, user: replaceUser(tables, { ...user, ...change(user) }) };
}

export function banUser(
  tables: Tables,
  id: string,
  ban: { readonly until: number | null; readonly reason: string | null },
  now: number,
): Answer<"banUser"> {
  const live = liveSessionsOf(tables, id, now);
  const banned = changeUser(tables, id, (user) => ({
    status: "banned",
    bannedUntil: ban.until,
    banReason: ban.reason,
    version: user.version + 1,
    epoch: user.epoch + 1,
  }));
  if (!banned.ok) return banned;
  for (const session of live) endLive(tables, session, "banned", now);
  return { ...banned, ended: live.length };
}

export function unbanUser(tables: Tables, id: string): Answer<"unbanUser"> {
  const lifted = { status: "active", bannedUntil: null, banReason: null } as const;
  return changeUser(tables, id, (user) => ({ ...lifted, version: user.version + 1 }));
}

export function deleteUser(tables: Tables, id: string, now: number): Answer<"deleteUser"> {
  const user = tables.users.get(id);
  if (user === undefined) return notFound;
  const live = liveSessionsOf(tables, id, now);
  for (const session of live) endLive(tables, session, "user_deleted", now);
  tables.users.delete(id);
  if (user.email !== null) tables.userIdByEmail.delete(user.email);
  return { ok: true, ended: live.length };
}
