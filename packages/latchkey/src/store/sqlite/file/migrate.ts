import { randomToken } from "../../../lib/crypto/random.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import { migrate, readVersion, schemaVersion } from "../../sql/migrations.ts";
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

function versionOf(connection: Connection, db: SqlDriver["db"]): number {
  const sql = "select 1 from sqlite_master where type = 'table' and name = 'latchkey_schema'";
  const { values } = connection.answer({ sql, parameters: [], one: true });
  return values.length === 0 ? 0 : runScript(readVersion(db), connection.answer);
}
