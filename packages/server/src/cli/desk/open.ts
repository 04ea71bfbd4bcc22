import { existsSync } from "node:fs";
import { type Auth, type KeyAlgorithm, LatchkeyError, type Store } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { inMemory, isFile } from "../../run/database/kinds.ts";
import { buildAuth, cannotOpen } from "../../run/database.ts";
import { existingSecret } from "../../settings/secret.ts";
import type { Settings } from "../../settings/settings.ts";
import { mistake, StartError } from "../../start-error.ts";

/** Nothing that administers names an address; the library wants one where NODE_ENV is `production`. */
const anyAddress = "http://127.0.0.1";

/**
 * Opens what a server has made, running or not. Makes no file, no secret and no keys, and brings nothing up to date.
 *
 * @throws StartError if there is nothing of the kind, LatchkeyError if the database cannot tell
 */
export async function openExisting(settings: Settings): Promise<Auth> {
  const { db, auth: options, baseURL = anyAddress } = settings;
  requireDatabase(db);
  const secret = settings.secret ?? [await existingSecret(db)];
  const store = sqliteStore(db, { mustExist: true });
  try {
    const keys = { algorithm: options.keys?.algorithm ?? (await algorithmInUse(store, db)) };
    const auth = buildAuth({ ...options, keys, secret, baseURL, store });
    await auth.start();
    return auth;
  } catch (error) {
    await store.close();
    throw error instanceof LatchkeyError && error.code === "misuse" ? cannotOpen(error) : error;
  }
}

function requireDatabase(db: string): void {
  if (db === inMemory) {
    throw mistake(
      "--db",
      JSON.stringify(db),
      "what a server keeps in memory ends with it; give an SQLite file.",
    );
  }
  if (!isFile(db)) {
    // Not shown: there may be a password in it.
    const remedy = "commands work on an SQLite file; use the routes below /admin of the running server.";
    throw mistake("--db", "the address of a server", remedy);
  }
  if (existsSync(db)) return;
  const remedy = "there is no such file; give the server's database with --db, or its --config.";
  throw mistake("--db", JSON.stringify(db), remedy);
}

/** Another one than the database has would add a key to it, only because no configuration was given. */
async function algorithmInUse(store: Store, db: string): Promise<KeyAlgorithm> {
  await store.start();
  const { keys } = await store.listKeys();
  const newest = keys.findLast(({ purpose }) => purpose === "access");
  if (newest !== undefined) return newest.algorithm;
  throw new StartError(`${db} holds no keys: no server has been started on it yet.`, 1);
}
