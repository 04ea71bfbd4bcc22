import type { KeyAlgorithm, KeyPurpose, StoredKey } from "../../../types.ts";
import type { KeysTable } from "../schema.ts";

export function toKey(row: KeysTable): StoredKey {
  return {
    id: row.id,
    purpose: row.purpose as KeyPurpose,
    algorithm: row.algorithm as KeyAlgorithm,
    sealed: row.sealed,
    publicJwk: row.public_jwk,
    createdAt: row.created_at,
    activatesAt: row.activates_at,
    retiresAt: row.retires_at,
  };
}

export function fromKey(key: StoredKey): KeysTable {
  return {
    id: key.id,
    purpose: key.purpose,
    algorithm: key.algorithm,
    sealed: key.sealed,
    public_jwk: key.publicJwk,
    created_at: key.createdAt,
    activates_at: key.activatesAt,
    retires_at: key.retiresAt,
  };
}
