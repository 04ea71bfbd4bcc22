import type { RotateKey, StoredKey } from "../../../../types.ts";
import { makeKey, type NewKey } from "../../../records.ts";
import { timesOf } from "../../../rules/keys.ts";
import { fromKey, toKey } from "../../rows/key.ts";
import { all, first, run, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { lockStore, readMeta } from "../locks.ts";
import { inUse } from "./in-use.ts";

export function* addFirstKey(scope: Scope, key: NewKey): Script<boolean> {
  yield* lockStore(scope);
  const existing = yield* keysOf(scope, key.purpose);
  if (existing.some(({ algorithm }) => algorithm === key.algorithm)) return false;
  yield* insertKey(scope, makeKey(key, scope.now, scope.now));
  return true;
}

export function* rotateKey(scope: Scope, rotation: RotateKey): Script<StoredKey> {
  const { db, now } = scope;
  const { key, compromised, audit } = rotation;
  yield* lockStore(scope);
  const waiting = (yield* keysOf(scope, key.purpose)).find(({ activatesAt }) => activatesAt > now);
  if (waiting !== undefined && !compromised) return waiting;
  const times = timesOf(rotation, (yield* readMeta(scope)).longest_life, now);
  const retired = yield* all(
    db
      .updateTable("latchkey_keys")
      .set({ retires_at: times.retiresAt })
      .where("purpose", "=", key.purpose)
      // What was replaced before has its time already, which only a compromise shortens.
      .where(compromised ? inUse(now) : (eb) => eb("retires_at", "is", null))
      .returning("id"),
  );
  const { retiresAt } = times;
  for (const { id } of key.purpose === "access" ? retired : [])
    scope.changes.push({ kind: "key_retired", keyId: id, retiresAt });
  const added = makeKey(key, times.activatesAt, now);
  yield* insertKey(scope, added);
  yield* writeAudit(scope, audit);
  return added;
}

export function* resealKey({ db }: Scope, id: string, from: string, to: string): Script<boolean> {
  const query = db
    .updateTable("latchkey_keys")
    .set({ sealed: to })
    .where("id", "=", id)
    .where("sealed", "=", from);
  return (yield* first(query.returning("id"))) !== undefined;
}

/** Forgets keys that were retired before then. */
export function* purgeKeys({ db }: Scope, before: number): Script<void> {
  yield* run(db.deleteFrom("latchkey_keys").where("retires_at", "<", before));
}

/** The keys of a purpose that are not retired. */
function* keysOf({ db, now }: Scope, purpose: StoredKey["purpose"]): Script<readonly StoredKey[]> {
  const query = db.selectFrom("latchkey_keys").selectAll().where("purpose", "=", purpose).where(inUse(now));
  return (yield* all(query)).map(toKey);
}

function* insertKey({ db, changes }: Scope, key: StoredKey): Script<void> {
  // What marks opaque tokens and seals is of no use to verifiers.
  if (key.purpose === "access")
    changes.push({ kind: "key_added", keyId: key.id, activatesAt: key.activatesAt });
  yield* run(db.insertInto("latchkey_keys").values(fromKey(key)));
  yield* run(db.updateTable("latchkey_meta").set((eb) => ({ keys_version: eb("keys_version", "+", 1) })));
}
