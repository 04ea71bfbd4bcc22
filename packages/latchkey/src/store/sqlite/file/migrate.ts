import { LatchkeyError } from "../../../errors.ts";
import { randomToken } from "../../../lib/crypto/random.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import { migrate, readVersion, refuseNewer, schemaVersion } from "../../sql/migrations.ts";
import { runScript } from "../../sql/script.ts";
import type { Connection } from "../connection.ts";

/** Applies the migrations that are missing. Asks first, so that a database in use is opened without its lock. */
export function migrateDatabase(connection: Connection, db: SqlDriver["db"]): void {
  if (versionOf(connection, db) === schemaVersion) return;
  connection.transaction(
    () => runScript(migrate(db, randomToken(16)), connection.answer),
    () => true,
  );
}

/** Refuses a database that this release would have to change before it could work with it. Writes nothing. */
export function requireVersion(connection: Connection, db: SqlDriver["db"], path: string): void {
  const version = versionOf(connection, db);
  refuseNewer(version);
  if (version === schemaVersion) return;
  const older = `the database has version ${version}, this release of latchkey works with ${schemaVersion}`;
  const detail =
    version === 0
      ? `${path} is no database of latchkey: none of its tables is there`
      : `${older}: start a server of this release on it first, which brings it up to date`;
  throw new LatchkeyError("misuse", detail);
}

function versionOf(connection: Connection, db: SqlDriver["db"]): number {
  const sql = "select 1 from sqlite_master where type = 'table' and name = 'latchkey_schema'";
  const { values } = connection.answer({ sql, parameters: [], one: true });
  return values.length === 0 ? 0 : runScript(readVersion(db), connection.answer);
}
