import type { UserRecord } from "../../../types.ts";
import { searchTextOf } from "../../rules/search.ts";
import type { UsersTable } from "../schema.ts";

/** A row as a check reads it. */
export function toUser(row: Omit<UsersTable, "search_text">): UserRecord {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roles: JSON.parse(row.roles),
    status: row.status,
    bannedUntil: row.banned_until,
    banReason: row.ban_reason,
    externalBan: row.external_ban === 1,
    externalRoles: row.external_roles === 1,
    createdAt: row.created_at,
    version: row.version,
    epoch: row.epoch,
    passwordHash: row.password_hash,
    audiences: JSON.parse(row.audiences),
  };
}

export function fromUser(user: UserRecord): UsersTable {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    roles: JSON.stringify(user.roles),
    status: user.status,
    banned_until: user.bannedUntil,
    ban_reason: user.banReason,
    external_ban: user.externalBan ? 1 : 0,
    external_roles: user.externalRoles ? 1 : 0,
    created_at: user.createdAt,
    version: user.version,
    epoch: user.epoch,
    password_hash: user.passwordHash,
    audiences: JSON.stringify(user.audiences),
    search_text: searchTextOf(user),
  };
}
