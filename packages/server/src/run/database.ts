import { access, constants, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Auth, LatchkeyError, type LatchkeyOptions, type Logger, latchkey } from "latchkey";
import type { Settings } from "../settings/settings.ts";
import { StartError, systemCode } from "../start-error.ts";
import { isFile, storeOf } from "./database/kinds.ts";

/**
 * Makes the folder of the database and checks that we may write there, before a secret is put beside it.
 *
 * @throws StartError (exit code 1)
 */
export async function prepareFolder(db: string): Promise<void> {
  if (!isFile(db)) return;
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
  const store = sayMistakes(() => storeOf(settings.db, run.logger));
  const auth = buildAuth({ ...settings.auth, ...run, store });
  try {
    await auth.start();
    return auth;
  } catch (error) {
    throw error instanceof LatchkeyError ? cannotOpen(error) : error;
  }
}

/** What the library says of a database that it cannot work with. */
export function cannotOpen(error: LatchkeyError): StartError {
  return new StartError(`Cannot open the database: ${error.message.replace(/^latchkey: /, "")}.`, 1, error);
}

/** @throws StartError (exit code 2) if an option is wrong */
export function buildAuth(options: LatchkeyOptions): Auth {
  return sayMistakes(() => latchkey(options));
}

function sayMistakes<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof LatchkeyError) throw new StartError(error.message, 2, error);
    throw error;
  }
}
