// @ts-check
// Checks the packages as users will get them: packed, not as they lie here.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNpm, runTool } from "./process.js";

/** attw reads declarations, so it is for the package that is imported; the server is a command. */
const packages = [
  { folder: "packages/latchkey", imported: true },
  { folder: "packages/server", imported: false },
];

/** @returns {number} 0, or the exit code of the first check that failed */
export function checkPackages() {
  for (const { folder, imported } of packages) {
    const code = inTemporaryFolder((temporary) => checkPackage(folder, imported, temporary));
    if (code !== 0) return code;
  }
  return 0;
}

/**
 * @param {string} folder
 * @param {boolean} imported
 * @param {string} temporary where the tarball goes
 */
function checkPackage(folder, imported, temporary) {
  const packed = runNpm(["pack", `./${folder}`, "--pack-destination", temporary, "--loglevel=error"]);
  const tarball = join(temporary, readdirSync(temporary).find((name) => name.endsWith(".tgz")) ?? "");
  if (packed !== 0) return packed;
  const linted = runTool("publint", ["run", tarball, "--strict"]);
  if (linted !== 0 || !imported) return linted;
  // The package is ESM on purpose; esm-only leaves out the questions that only a CommonJS build can answer.
  const options = ["--profile=esm-only", "--no-definitely-typed", "--no-emoji", "--no-summary"];
  return runTool("attw", [tarball, ...options, "--format=ascii"]);
}

/**
 * @template T
 * @param {(folder: string) => T} work
 * @returns {T}
 */
function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-pack-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
