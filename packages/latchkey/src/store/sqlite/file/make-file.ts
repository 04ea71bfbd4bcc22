import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { LatchkeyError } from "../../../errors.ts";

/** Makes the file where it is missing. Nobody but the owner may read it; SQLite gives its companions the same mode. */
export function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // Never opened by us if it exists: closing it again would drop the locks that SQLite holds on it in this process.
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!existsSync(path)) throw error; // another process was quicker
  }
}

/** Refuses a path at which there is no file: opening it would make one. */
export function requireFile(path: string): void {
  if (!existsSync(path)) throw new LatchkeyError("misuse", `there is no database ${path}`);
}
