import { randomBytes } from "node:crypto";
import { noSecretBeside, secretBeside } from "../../settings/secret.ts";
import type { Settings } from "../../settings/settings.ts";
import { inMemory, isFile } from "./kinds.ts";

/**
 * The one that was given; else of this run alone where nothing is kept, else kept beside the database's file.
 *
 * @throws StartError if there is no such place (2) or it cannot be used (1)
 */
export async function chooseSecret({
  secret,
  db,
}: Settings): Promise<{ secret: readonly string[]; note?: string }> {
  if (secret !== undefined) return { secret };
  if (db === inMemory) return { secret: [randomBytes(32).toString("base64url")] };
  if (!isFile(db)) throw noSecretBeside();
  const kept = await secretBeside(db);
  const note = kept.made
    ? `Made a secret and keep it in ${kept.path}: back it up with the database.`
    : undefined;
  return { secret: [kept.secret], ...(note === undefined ? {} : { note }) };
}
