import type { RotateKey, StoredKey } from "../../types.ts";
import { type Answer, makeKey, type NewKey } from "../records.ts";
import { isRetired, timesOf } from "../rules/keys.ts";
import { readyAudit } from "./audit.ts";
import { insertNew, type Tables } from "./tables.ts";

export function listKeys(tables: Tables, now: number): Answer<"listKeys"> {
  const keys = [...tables.keys.values()].filter((key) => !isRetired(key, now));
  keys.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  return { keys, keysVersion: tables.keysVersion };
}

export function addFirstKey(tables: Tables, key: NewKey, now: number): boolean {
  const { purpose, algorithm } = key;
  if (keysOf(tables, purpose, now).some((it) => it.algorithm === algorithm)) return false;
  insertKey(tables, makeKey(key, now, now));
  return true;
}

export function rotateKey(tables: Tables, rotation: RotateKey, now: number): StoredKey {
  const { key, compromised, audit } = rotation;
  const writeAudit = readyAudit(tables, audit, now);
  const replaced = keysOf(tables, key.purpose, now);
  const waiting = replaced.find((it) => it.activatesAt > now);
  if (waiting !== undefined && !compromised) return waiting;
  const times = timesOf(rotation, tables.log.longest.life.value, now);
  const added = insertKey(tables, makeKey(key, times.activatesAt, now));
  for (const it of replaced) {
    // What was replaced before has its time already, which only a compromise shortens.
    if (it.retiresAt === null || compromised) retireKey(tables, it, times.retiresAt);
  }
  writeAudit();
  return added;
}

export function resealKey(tables: Tables, id: string, from: string, to: string): boolean {
  const key = tables.keys.get(id);
  if (key?.sealed !== from) return false;
  replaceKey(tables, { ...key, sealed: to });
  return true;
}

/** Forgets keys that were retired before then. */
export function purgeKeys(tables: Tables, before: number): void {
  for (const { id, retiresAt } of tables.keys.values()) {
    if (retiresAt !== null && retiresAt < before) tables.keys.delete(id);
  }
}

function keysOf(tables: Tables, purpose: StoredKey["purpose"], now: number): readonly StoredKey[] {
  return [...tables.keys.values()].filter((it) => it.purpose === purpose && !isRetired(it, now));
}

function insertKey(tables: Tables, key: StoredKey): StoredKey {
  insertNew(tables.keys, key.id, key);
  tables.keysVersion += 1;
  // What marks opaque tokens and seals is of no use to verifiers.
  if (key.purpose === "access")
    tables.log.pending.push({ kind: "key_added", keyId: key.id, activatesAt: key.activatesAt });
  return key;
}

function retireKey(tables: Tables, key: StoredKey, retiresAt: number): void {
  replaceKey(tables, { ...key, retiresAt });
  if (key.purpose === "access") tables.log.pending.push({ kind: "key_retired", keyId: key.id, retiresAt });
}

function replaceKey(tables: Tables, key: StoredKey): void {
  tables.keys.set(key.id, Object.freeze(key));
}
