import type { Answer } from "../../../records.ts";
import { toKey } from "../../rows/key.ts";
import type { KeysTable } from "../../schema.ts";
import { all, type Scope, type Script } from "../../script.ts";
import { checkLineage } from "../locks.ts";
import { inUse } from "./in-use.ts";

/** One statement, so that keys and version are of one moment. */
export function* listKeys({ db, now, lineage }: Scope): Script<Answer<"listKeys">> {
  const rows = yield* all(
    db
      .selectFrom("latchkey_meta")
      .leftJoin(db.selectFrom("latchkey_keys").selectAll().where(inUse(now)).as("k"), (join) => join.onTrue())
      .select(["latchkey_meta.lineage", "latchkey_meta.keys_version"])
      .selectAll("k")
      .where("latchkey_meta.id", "=", 1)
      .orderBy("k.created_at")
      .orderBy("k.id"),
  );
  const { keys_version } = checkLineage(rows[0], lineage);
  return { keys: rows.filter(isKey).map(toKey), keysVersion: keys_version };
}

/** Without keys there still is the row of the store itself. */
function isKey<Row extends { readonly id: string | null }>(row: Row): row is Row & KeysTable {
  return row.id !== null;
}
