import type { UserRecord } from "../../../types.ts";

/** The members of a user in the order in which a row holds them; the id is in its key. `roles` and `audiences` are JSON text. */
export const userFields = [
  "email",
  "name",
  "roles",
  "status",
  "bannedUntil",
  "banReason",
  "externalBan",
  "externalRoles",
  "createdAt",
  "version",
  "epoch",
  "passwordHash",
  "audiences",
] as const;

/** A row as it is kept. */
export type UserValues = readonly [
  email: string | null,
  name: string | null,
  roles: string,
  status: "active" | "banned",
  bannedUntil: number | null,
  banReason: string | null,
  externalBan: 0 | 1,
  externalRoles: 0 | 1,
  createdAt: number,
  version: number,
  epoch: number,
  passwordHash: string | null,
  audiences: string,
];

/** A row as scripts answer it: with the id before its members. */
export type UserRow = readonly [id: string, ...UserValues];

export function toUser([id, ...values]: UserRow): UserRecord {
  return namedUser(id, values);
}

export function namedUser(id: string, values: UserValues): UserRecord {
  const [email, name, roles, status, bannedUntil, banReason, ...more] = values;
  const [externalBan, externalRoles, createdAt, version, epoch, passwordHash, audiences] = more;
  return {
    id,
    email,
    name,
    roles: JSON.parse(roles),
    status,
    bannedUntil,
    banReason,
    externalBan: externalBan === 1,
    externalRoles: externalRoles === 1,
    createdAt,
    version,
    epoch,
    passwordHash,
    audiences: JSON.parse(audiences),
  };
}
