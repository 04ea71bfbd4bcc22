import { access, constants, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Auth, LatchkeyError, type LatchkeyOptions, type Logger, latchkey, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { redisStore } from "latchkey/redis";
import { sqliteStore } from "latchkey/sqlite";
import type { Settings } from "../settings/settings.ts";
import { StartError, systemCode } from "../start-error.ts";

/** `--db` of a server that keeps nothing. */
export const inMemory = ":memory:";

/** Whether `--db` names a server that other processes may use too, and no file. */
export function isShared(db: string): boolean {
  return /^rediss?:\/\//i.test(db);
}

/**
 * Makes the folder of the database and checks that we may write there, before a secret is put beside it.
 *
 * @throws StartError (exit code 1)
 */
export async function prepareFolder(db: string): Promise<void> {
  if (db === inMemory || isShared(db)) return;
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
  const auth = build({ ...settings.auth, ...run }, () => openStore(settings.db, run.logger));
  try {
    await auth.start();
    return auth;
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    throw new StartError(`Cannot open the database: ${error.message.replace(/^latchkey: /, "")}.`, 1, error);
  }
}

function openStore(db: string, logger: Logger): Store {
  if (db === inMemory) return memoryStore();
  return isShared(db) ? redisStore(db, { logger }) : sqliteStore(db, { logger });
}

function build(options: Omit<LatchkeyOptions, "store">, store: () => Store): Auth {
  try {
    return latchkey({ ...options, store: store() });
  } catch (error) {
    if (error instanceof LatchkeyError) throw new StartError(error.message, 2, error);
    throw error;
  }
}
