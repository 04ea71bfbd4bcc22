import { LatchkeyError } from "../../../errors.ts";
import type { SessionId, SessionRecord, UserRecord } from "../../../types.ts";
import { toSession } from "../rows/session.ts";
import { toUser } from "../rows/user.ts";
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

/** The same for a session and its user: the user first, in the order in which a ban and a sign-in lock them. */
export function* lockSession(
  scope: Scope,
  id: SessionId,
): Script<{ readonly session?: SessionRecord | undefined; readonly user?: UserRecord | undefined }> {
  const query = scope.db.selectFrom("latchkey_sessions").where("id", "=", id);
  const owner = yield* first(query.select("user_id"));
  if (owner === undefined) return {};
  const user = yield* lockUser(scope, owner.user_id);
  const row = yield* first(query.selectAll().forUpdate());
  return { session: row && toSession(row), user };
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
