import type { StoredKey } from "../../types.ts";
import { insertNew, type Tables } from "./tables.ts";

export function listKeys(tables: Tables): readonly StoredKey[] {
  return [...tables.keys.values()];
}

export function addFirstKey(tables: Tables, key: Omit<StoredKey, "createdAt">, now: number): boolean {
  for (const { purpose, algorithm } of tables.keys.values()) {
    if (purpose === key.purpose && algorithm === key.algorithm) return false;
  }
  insertNew(tables.keys, key.id, { ...key, createdAt: now });
  return true;
}

export function resealKey(tables: Tables, id: string, from: string, to: string): boolean {
  const key = tables.keys.get(id);
  if (key?.sealed !== from) return false;
  tables.keys.set(id, Object.freeze({ ...key, sealed: to }));
  return true;
}
