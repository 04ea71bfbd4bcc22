import { LatchkeyError } from "../../../errors.ts";
import type { UserRecord } from "../../../types.ts";
import { toUser } from "../rows.ts";
import type { MetaTable } from "../schema.ts";
import { first, type Scope, type Script } from "../script.ts";

/**
 * Reads a row and keeps others from changing it until the step is over. Postgres does so by `for update`; in SQLite
 * only one step writes at a time and the words are left out.
 */
export function* lockUser({ db }: Scope, id: string): Script<UserRecord | undefined> {
  const row = yield* first(db.selectFrom("latchkey_users").selectAll().where("id", "=", id).forUpdate());
  return row && toUser(row);
}

/** Lets one such step run at a time: for what is rare and must see that something does not exist. */
export function* lockStore({ db }: Scope): Script<void> {
  yield* first(db.selectFrom("latchkey_meta").selectAll().forUpdate());
}

/** The store's one row, of the database that was found at start. */
export function* readMeta({ db, lineage }: Scope): Script<MetaTable> {
  const row = yield* first(db.selectFrom("latchkey_meta").selectAll());
  return checkLineage(row, lineage);
}

/** Whatever another database says of a session is not about ours, even if it says that there is none. */
export function checkLineage<Row extends { readonly lineage: string }>(
  row: Row | undefined,
  lineage: string,
): Row {
  if (row?.lineage === lineage) return row;
  const found = row === undefined ? "has lost its lineage" : `is another one, of lineage ${row.lineage}`;
  throw new LatchkeyError("cannot_tell", `the database ${found}; at start it was ${lineage}`);
}
