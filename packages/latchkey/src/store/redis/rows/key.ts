import type { StoredKey } from "../../../types.ts";

/** The members of a key in the order in which a row holds them. */
export const keyFields = [
  "id",
  "purpose",
  "algorithm",
  "sealed",
  "publicJwk",
  "createdAt",
  "activatesAt",
  "retiresAt",
] as const;

/** A row as scripts answer it. */
export type KeyRow = readonly [
  id: string,
  purpose: StoredKey["purpose"],
  algorithm: StoredKey["algorithm"],
  sealed: string,
  publicJwk: string | null,
  createdAt: number,
  activatesAt: number,
  retiresAt: number | null,
];

export function toKey(row: KeyRow): StoredKey {
  const [id, purpose, algorithm, sealed, publicJwk, createdAt, activatesAt, retiresAt] = row;
  return { id, purpose, algorithm, sealed, publicJwk, createdAt, activatesAt, retiresAt };
}
