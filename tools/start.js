// @ts-check
// `npm start`: from a fresh clone to a running server. Options after `--` go to `latchkey serve`.
import { existsSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.js";
import { root, stop } from "./process.js";
import { setup } from "./setup.js";

const program = join(root, "packages", "server", "bin", "latchkey.js");

setup();
build();
if (!existsSync(program)) stop(`There is no server to start: ${relative(root, program)} is missing.`);

// The server runs in this process: it starts sooner, and a signal reaches it without anyone passing it on.
process.argv = [process.execPath, program, "serve", "--demo", ...withDatabase(process.argv.slice(2))];
await import(pathToFileURL(program).href);

/**
 * A database that outlives the run, unless the caller names one.
 *
 * @param {string[]} args
 */
function withDatabase(args) {
  if (args.some((arg) => arg === "--db" || arg.startsWith("--db="))) return args;
  const folder = join(root, "data");
  mkdirSync(folder, { recursive: true });
  return ["--db", join(relative(process.cwd(), folder), "latchkey.db"), ...args];
}
