// @ts-check
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Keeps tokens in files that only this user can read. On a phone this is the Keychain or the Keystore, by
 * expo-secure-store or react-native-keychain: three functions of the same shape.
 *
 * @param {string} folder
 * @returns {import("latchkey/client").TokenStorage}
 */
export function fileStorage(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (/** @type {string} */ name) => join(folder, `${name}.txt`);
  return {
    get(name) {
      try {
        return readFileSync(path(name), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    // Renamed into place, so that a phone that dies in the middle has the old file or the new one.
    set(name, value) {
      writeFileSync(`${path(name)}.new`, value, { mode: 0o600 });
      renameSync(`${path(name)}.new`, path(name));
    },
    remove: (name) => rmSync(path(name), { force: true }),
  };
}
