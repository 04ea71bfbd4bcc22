import { randomToken } from "../../../lib/crypto/random.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import { migrate, readVersion, schemaVersion } from "../../sql/migrations.ts";
import type { Script } from "../../sql/script.ts";
import type { PostgresClient } from "../pg/client.ts";
import { runScript } from "../statements/run.ts";
import { send, sendForLast } from "../statements/send.ts";
import { quoteName } from "../statements/text/texts.ts";

/** How long a table that others are using is waited for, in ms: who waits for it keeps others waiting. */
const lockLimit = 5000;

/** What only Postgres does: leases go to no disk and to no standby, and a crash empties both tables. */
const own = [
  "alter table latchkey_leases set unlogged",
  "create unlogged table latchkey_lease_mark (id bigint primary key check (id = 1), mark text not null)",
];

/** How the texts of a migration are sent: none is worth keeping, and tables are found by the search path. */
const asTheyAre = { prepare: (text: string) => ({ text: inBytes(text) }), forgetNames: () => undefined };

/**
 * Text is compared by its bytes: as in the other stores, and the same after an upgrade of the system's collations, which
 * would leave indexes out of order.
 */
function inBytes(text: string): string {
  return /^\s*(create( unlogged)?|alter) table/.test(text)
    ? text.replace(/ text\b/g, ' text collate "C"')
    : text;
}

/**
 * Brings the tables to this release's version, in one transaction. Of several processes that start together one does so,
 * and the others wait for its lock; where nothing is to do, no lock and no right to change tables is needed.
 */
export async function migrateDatabase(
  client: PostgresClient,
  db: SqlDriver["db"],
  schema: string | undefined,
): Promise<void> {
  if ((await versionOf(client, db, schema)) === schemaVersion) return;
  await send(client, { text: "begin" });
  try {
    await lock(client, schema);
    if (schema !== undefined) await useSchema(client, schema);
    await runScript(client, asTheyAre, migrate(db, randomToken(16)));
    await makeOwn(client);
    await send(client, { text: "commit" });
  } catch (error) {
    await send(client, { text: "rollback" });
    throw error;
  }
}

async function versionOf(
  client: PostgresClient,
  db: SqlDriver["db"],
  schema: string | undefined,
): Promise<number> {
  const table = schema === undefined ? "latchkey_schema" : `${quoteName(schema)}.latchkey_schema`;
  const { values } = await sendForLast(
    client,
    `select to_regclass('${table.replaceAll("'", "''")}') is null`,
  );
  if (values[0]?.[0] === true) return 0;
  const found: Script<number> = readVersion(db);
  const prepare = (text: string) => ({ text: text.replace('"latchkey_schema"', table) });
  return runScript(client, { ...asTheyAre, prepare }, found);
}

/** The number is arbitrary, and ours. Waiting is without end: whoever holds the lock is doing the same work. */
async function lock(client: PostgresClient, schema: string | undefined): Promise<void> {
  const name = quoteName(schema ?? "").replaceAll("'", "''");
  const settings = `set local statement_timeout = 0; set local lock_timeout = 0`;
  await send(client, { text: `${settings}; select pg_advisory_xact_lock(1818326891, hashtext('${name}'))` });
  await send(client, { text: `set local lock_timeout = ${lockLimit}` });
}

/** Asked first: `if not exists` needs the right to make one also where there is one. */
async function useSchema(client: PostgresClient, schema: string): Promise<void> {
  const name = quoteName(schema);
  const { values } = await sendForLast(
    client,
    `select to_regnamespace('${name.replaceAll("'", "''")}') is null`,
  );
  if (values[0]?.[0] === true) await send(client, { text: `create schema ${name}` });
  await send(client, { text: `set local search_path to ${name}` });
}

async function makeOwn(client: PostgresClient): Promise<void> {
  const { values } = await sendForLast(client, "select to_regclass('latchkey_lease_mark') is null");
  if (values[0]?.[0] !== true) return;
  for (const text of own) await send(client, { text: inBytes(text) });
}
