import type { UserRecord } from "../../../types.ts";

/** The members of a user in the order in which a row holds them; the id is in its key. `roles` is JSON text. */
export const userFields = [
  "email",
  "name",
  "roles",
  "status",
  "bannedUntil",
  "banReason",
  "createdAt",
  "version",
  "epoch",
  "passwordHash",
] as const;

/** A row as scripts answer it: the id, then those members. */
export type UserRow = readonly [
  id: string,
  email: string | null,
  name: string | null,
  roles: string,
  status: "active" | "banned",
  bannedUntil: number | null,
  banReason: string | null,
  createdAt: number,
  version: number,
  epoch: number,
  passwordHash: string | null,
];

export function toUser(row: UserRow): UserRecord {
  const [id, email, name, roles, status, bannedUntil, banReason, createdAt, version, epoch, passwordHash] =
    row;
  const standing = { roles: JSON.parse(roles) as string[], status, bannedUntil, banReason };
  return { id, email, name, ...standing, createdAt, version, epoch, passwordHash };
}
