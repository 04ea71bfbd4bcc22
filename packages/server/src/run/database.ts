import { access, constants, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Auth, LatchkeyError, type Logger, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { sqliteStore } from "latchkey/sqlite";
import type { Settings } from "../settings/settings.ts";
import { StartError, systemCode } from "../start-error.ts";

/** `--db` of a server that keeps nothing. */
export const inMemory = ":memory:";

/**
 * Makes the folder of the database and checks that we may write there, before a secret is put beside it.
 *
 * @throws StartError (exit code 1)
 */
export async function prepareFolder(db: string): Promise<void> {
  if (db === inMemory) return;
  const folder = dirname(resolve(db));
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const remedy = "let this user write there, or choose another place with --db.";
    throw new StartError(`The folder ${folder} cannot be written (${systemCode(error)}): ${remedy}`, 1);
  }
}

/**
 * Builds the library on the database and connects it.
 *
 * @throws StartError if an option is wrong (2) or the database cannot be used (1)
 */
export async function openAuth(
  settings: Settings,
  run: { readonly secret: readonly string[]; readonly baseURL: string; readonly logger: Logger },
): Promise<Auth> {
  const store = settings.db === inMemory ? memoryStore() : sqliteStore(settings.db);
  try {
    const auth = latchkey({ ...settings.auth, ...run, store });
    await auth.start();
    return auth;
  } catch (error) {
    throw explain(error, settings.db);
  }
}

function explain(error: unknown, db: string): unknown {
  if (!(error instanceof LatchkeyError)) return error;
  if (error.code === "misuse") return new StartError(error.message, 2, error);
  return new StartError(`The database ${db} cannot be used: ${error.message}`, 1, error);
}
