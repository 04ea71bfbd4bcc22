// @ts-check
// Keeps the house in order: which room may import which, no cycles, no barrels, nothing too crowded to read, no
// check silenced without a reason. `node tools/rooms.js [folder]` prints one line for each violation.
import { isMain, root } from "./process.js";
import { checkCycles } from "./rooms/cycles.js";
import { checkDirection, library } from "./rooms/direction.js";
import { readSources } from "./rooms/parse.js";
import { checkPublicNames } from "./rooms/public.js";
import { checkShape } from "./rooms/shape.js";
import { checkSilenced } from "./rooms/silenced.js";

/** @typedef {import("./rooms/parse.js").Violation} Violation */

const server = "packages/server/src/";
const chaos = "chaos/src/";

/** Where the server and the harness may take things from, by path. */
const own = { [server]: ["packages/server/"], [chaos]: [chaos, "test/support/"] };

/** Folders with code that is ours but belongs to no room. */
const elsewhere = ["bench", "examples", "packages/server/bin", "runtimes", "test", "tools"];

/**
 * @param {string} folder a repository
 * @returns {{ files: number, violations: Violation[] }} how many files of the packages were checked, and what was found
 */
export function checkRooms(folder) {
  const ofLibrary = readSources(folder, library.slice(0, -1));
  const ofServer = readSources(folder, server.slice(0, -1));
  const ofChaos = readSources(folder, chaos.slice(0, -1));
  const ofPackages = [...ofLibrary, ...ofServer, ...ofChaos];
  const others = elsewhere.flatMap((name) => readSources(folder, name));
  const violations = [
    ...checkDirection(ofLibrary),
    ...checkPublicNames(ofServer, folder, own[server]),
    ...checkPublicNames(ofChaos, folder, own[chaos]),
    ...checkCycles(ofPackages),
    ...checkShape(ofLibrary, library),
    ...checkShape(ofServer, server),
    ...checkShape(ofChaos, chaos),
    ...checkSilenced([...ofPackages, ...others]),
  ];
  return { files: ofPackages.length, violations };
}

function main() {
  const { files, violations } = checkRooms(process.argv[2] ?? root);
  for (const { file, line, rule, remedy } of violations)
    console.error(`${file}:${line}: ${rule}. Remedy: ${remedy}.`);
  if (violations.length === 0) console.log(`rooms ok (${files} files)`);
  else process.exitCode = 1;
}

if (isMain(import.meta.url)) main();
