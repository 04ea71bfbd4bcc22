import type { StoredKey } from "../../../types.ts";
import { toKey } from "../rows.ts";
import { all, first, run, type Scope, type Script } from "../script.ts";
import { lockStore } from "./locks.ts";

export function* listKeys({ db }: Scope): Script<readonly StoredKey[]> {
  const rows = yield* all(db.selectFrom("latchkey_keys").selectAll().orderBy("created_at").orderBy("id"));
  return rows.map(toKey);
}

export function* addFirstKey(scope: Scope, key: Omit<StoredKey, "createdAt">): Script<boolean> {
  const { db, now } = scope;
  yield* lockStore(scope);
  const existing = yield* first(
    db
      .selectFrom("latchkey_keys")
      .select("id")
      .where("purpose", "=", key.purpose)
      .where("algorithm", "=", key.algorithm),
  );
  if (existing !== undefined) return false;
  const { publicJwk, ...rest } = key;
  yield* run(db.insertInto("latchkey_keys").values({ ...rest, public_jwk: publicJwk, created_at: now }));
  return true;
}

export function* resealKey({ db }: Scope, id: string, from: string, to: string): Script<boolean> {
  const query = db
    .updateTable("latchkey_keys")
    .set({ sealed: to })
    .where("id", "=", id)
    .where("sealed", "=", from);
  return (yield* first(query.returning("id"))) !== undefined;
}
