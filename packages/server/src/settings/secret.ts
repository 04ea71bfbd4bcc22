import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { mistake, StartError, systemCode } from "../start-error.ts";

/** What `latchkey()` asks for. */
const minLength = 32;
const advice = "Make one with: openssl rand -base64 32";

/**
 * The list in `LATCHKEY_SECRET`, newest first; undefined if the variable is not set. Messages count and measure
 * secrets, they never show one.
 *
 * @throws StartError (exit code 2) if one is too short, or none is given in production
 */
export function readSecrets(env: NodeJS.ProcessEnv): readonly string[] | undefined {
  const value = env.LATCHKEY_SECRET;
  if (value === undefined || value.trim() === "") {
    if (env.NODE_ENV !== "production") return undefined;
    throw mistake("LATCHKEY_SECRET", "missing", `with NODE_ENV=production it must be given. ${advice}`);
  }
  const secrets = value.split(",").map((secret) => secret.trim());
  const short = secrets.findIndex((secret) => secret.length < minLength);
  if (short < 0) return secrets;
  const which = secrets.length === 1 ? "too short" : `too short at place ${short + 1} of ${secrets.length}`;
  const length = secrets[short]?.length ?? 0;
  throw mistake("LATCHKEY_SECRET", which, `it has ${length} characters and needs ${minLength}. ${advice}`);
}

/** A database on a server has no place beside it that all who use it could read. */
export function noSecretBeside(): StartError {
  const words = "every process that uses this database needs the same one";
  const place = "Beside Postgres and Redis there is no place where one could be kept";
  return mistake("LATCHKEY_SECRET", "missing", `${words}. ${place}. ${advice}`);
}

/**
 * The secret kept beside the database, made on the first start. `wx` lets one of several first starts create the
 * file; the others read what it wrote.
 */
export async function secretBeside(db: string): Promise<{ secret: string; path: string; made: boolean }> {
  const path = `${db}.secret`;
  const secret = randomBytes(32).toString("base64url");
  try {
    await writeFile(path, `${secret}\n`, { flag: "wx", mode: 0o600 });
    return { secret, path, made: true };
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw unusable(path, systemCode(error));
    return { secret: await readWhole(path), path, made: false };
  }
}

/**
 * The secret beside a database that a server uses. Makes none: another secret than the server's opens nothing.
 *
 * @throws StartError if there is none (2) or it cannot be read (1)
 */
export async function existingSecret(db: string): Promise<string> {
  const path = `${db}.secret`;
  if (existsSync(path)) return readWhole(path);
  const remedy = `there is no ${path} beside the database either; set it to the secret that the server has.`;
  throw mistake("LATCHKEY_SECRET", "missing", remedy);
}

/** Waits out the moment between another start's creating the file and its writing into it. */
async function readWhole(path: string): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const secret = await readFile(path, "utf8").catch((error: unknown) => {
      throw unusable(path, systemCode(error));
    });
    if (secret.trim().length >= minLength) return secret.trim();
    await wait(20);
  }
  const remedy = `put the secret of this database into it or into LATCHKEY_SECRET; for a new database, delete it`;
  throw new StartError(`${path} holds no secret: ${remedy}.`, 1);
}

function unusable(path: string, code: string): StartError {
  return new StartError(`${path} cannot be used (${code}): mend its permissions, or set LATCHKEY_SECRET.`, 1);
}
