import { isBanned } from "../../lib/standing.ts";
import type { NewUser, StepOptions, UserQuery, UserRecord } from "../../types.ts";
import { type Answer, makeUser } from "../records.ts";
import { withName } from "../rules/changes.ts";
import { isFound, searchTextOf } from "../rules/search.ts";
import { readyAudit } from "./audit.ts";
import { insertNew, replaceUser, type Tables } from "./tables.ts";

/** Adds a user whose address is not taken. */
export function insertUser(tables: Tables, user: UserRecord): UserRecord {
  insertNew(tables.users, user.id, user);
  if (user.email !== null) tables.userIdByEmail.set(user.email, user.id);
  return user;
}

export function isTaken(tables: Tables, email: string | null): boolean {
  return email !== null && tables.userIdByEmail.has(email);
}

export function createUser(
  tables: Tables,
  input: NewUser,
  { unlessRole, audit }: StepOptions & { readonly unlessRole?: string | undefined },
  now: number,
): Answer<"createUser"> {
  const writeAudit = readyAudit(tables, audit, now);
  if (unlessRole !== undefined && hasRole(tables, unlessRole)) return { ok: false, code: "role_taken" };
  if (isTaken(tables, input.email)) return { ok: false, code: "email_taken" };
  const user = insertUser(tables, makeUser(input, now));
  writeAudit();
  return { ok: true, user };
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

export function updateUser(
  tables: Tables,
  id: string,
  { name }: { readonly name: string | null },
  { audit }: StepOptions,
  now: number,
): Answer<"updateUser"> {
  const writeAudit = readyAudit(tables, audit, now);
  const before = tables.users.get(id);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  const user = withName(before, name);
  if (user === before) return { ok: true, user };
  writeAudit();
  return { ok: true, user: replaceUser(tables, user) };
}

export function listUsers(tables: Tables, query: UserQuery, now: number): readonly UserRecord[] {
  const { search, role, status, after, limit } = query;
  const last = after === undefined ? undefined : tables.users.get(after);
  // Who was deleted names no place in the list.
  if (after !== undefined && last === undefined) return [];
  const found = [...tables.users.values()].filter(
    (user) =>
      (last === undefined || newestFirst(last, user) < 0) &&
      (search === undefined || isFound(searchTextOf(user), search)) &&
      (role === undefined || user.roles.includes(role)) &&
      (status === undefined || isBanned(user, now) === (status === "banned")),
  );
  return found.sort(newestFirst).slice(0, Math.max(limit, 0));
}

/** Of those made at one moment the one with the higher id comes first. */
function newestFirst(a: UserRecord, b: UserRecord): number {
  return b.createdAt - a.createdAt || (a.id > b.id ? -1 : Number(a.id < b.id));
}
