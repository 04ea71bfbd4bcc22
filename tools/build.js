// @ts-check
// Compiles the packages, only when something they are made of has changed. Node built-ins only.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, root, runTool, secondsSince, stop } from "./process.js";
import { setup } from "./setup.js";

const packages = ["packages/latchkey", "packages/server"];

/**
 * Brings every package's dist up to date. A package without sources is left out.
 *
 * @param {string[]} [others] further folders with sources of their own
 */
export function build(others = []) {
  const started = Date.now();
  const present = [...packages, ...others].filter((folder) => sourceFiles(`${folder}/src`).length > 0);
  const stale = present.filter((folder) => readStamp(folder) !== stampOf(folder));
  if (stale.length === 0) return;
  console.log("Compiling ...");
  // Taken before compiling: a file saved meanwhile makes the next run compile again.
  const stamps = stale.map((folder) => ({ folder, stamp: stampOf(folder) }));
  for (const { folder, stamp } of stamps) {
    dropOrphans(folder, stamp);
    // tsc writes output in spite of errors: after a failure nothing vouches for what lies in dist.
    rmSync(stampFile(folder), { force: true });
  }
  const code = runTool("tsc", ["-b", ...present]);
  if (code !== 0) stop("Compiling failed; the lines above say why.", code);
  for (const { folder, stamp } of stamps) writeFileSync(stampFile(folder), stamp);
  console.log(`Compiled in ${secondsSince(started)}.`);
}

/**
 * What a package's output depends on, as text: one line a file, with its size and time. tsc compares contents, so
 * a changed time alone costs one quick run of it.
 *
 * @param {string} folder
 */
function stampOf(folder) {
  const settings = ["package.json", "tsconfig.json"].map((name) => `${folder}/${name}`);
  const files = ["package-lock.json", "tsconfig.base.json", ...settings, ...sourceFiles(`${folder}/src`)];
  return files
    .map((file) => {
      const { size, mtimeMs } = statSync(join(root, file));
      return `${file} ${size} ${mtimeMs}\n`;
    })
    .join("");
}

/** The stamp lies in dist, so that deleting dist is enough to get a new one. @param {string} folder */
function stampFile(folder) {
  return join(root, folder, "dist", ".build-stamp");
}

/** @param {string} folder */
function readStamp(folder) {
  try {
    return readFileSync(stampFile(folder), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * tsc never deletes the output of a source that is gone, and what lies in dist is published. So a package that
 * lost a source is compiled from nothing.
 *
 * @param {string} folder
 * @param {string} stamp
 */
function dropOrphans(folder, stamp) {
  const namesIn = (/** @type {string} */ text) => text.split("\n").map((line) => line.split(" ")[0]);
  const now = new Set(namesIn(stamp));
  const before = readStamp(folder);
  if (before !== undefined && namesIn(before).every((name) => now.has(name))) return;
  rmSync(join(root, folder, "dist"), { recursive: true, force: true });
}

/**
 * @param {string} folder
 * @returns {string[]} the TypeScript files below it, in a fixed order, named from the root
 */
function sourceFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`)
    .sort();
}

if (isMain(import.meta.url)) {
  setup();
  build();
}
