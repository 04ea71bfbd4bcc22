// @ts-check
// The external programs that tests drive: found where they are, installed where we may, never skipped.
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { secondsSince, stop } from "./process.js";

/**
 * @typedef {object} Program
 * @property {string[]} commands the names it goes by or whole paths, best first
 * @property {string} debian the Debian package that brings it
 * @property {string} env the variable that hands its path to the tests
 */

/** @type {Record<string, Program>} */
const programs = {
  chromium: {
    commands: ["chromium", "chromium-browser", "google-chrome"],
    debian: "chromium",
    env: "LATCHKEY_CHROMIUM",
  },
  wrk: { commands: ["wrk"], debian: "wrk", env: "LATCHKEY_WRK" },
  taskset: { commands: ["taskset"], debian: "util-linux", env: "LATCHKEY_TASKSET" },
  redis: {
    commands: ["redis-server", "valkey-server"],
    debian: "redis-server",
    env: "LATCHKEY_REDIS_SERVER",
  },
  postgres: {
    // Debian keeps them out of PATH, each version in a folder of its own.
    commands: ["postgres", ...[18, 17, 16, 15, 14, 13].map((it) => `/usr/lib/postgresql/${it}/bin/postgres`)],
    debian: "postgresql",
    env: "LATCHKEY_POSTGRES",
  },
};

/**
 * Finds each program, installing what is missing. If one cannot be had the process ends with a line that names it: a
 * test that skips itself for want of a program is a test nobody runs.
 *
 * @param {string[]} names keys of the table above
 * @returns {Record<string, string>} environment variables that give the tests each program's path
 */
export function ensurePrograms(names) {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) installPrograms(missing);
  return Object.fromEntries(names.map((name) => [entry(name).env, findProgram(name) ?? notFound([name])]));
}

/**
 * @param {string} name a key of the table above
 * @returns {string | undefined} the program's path; the variable of the table, where set, goes before PATH
 */
function findProgram(name) {
  const { commands, env } = entry(name);
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"].filter(
    (folder) => folder !== "",
  );
  const candidates = commands.flatMap((command) => folders.map((folder) => resolve(folder, command)));
  return [process.env[env] ?? "", ...candidates].find(isExecutable);
}

/** @param {string[]} names */
function installPrograms(names) {
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) notFound(names);
  const packages = names.map((name) => entry(name).debian);
  console.log(`Installing ${packages.join(", ")} (first run only) ...`);
  const started = Date.now();
  const installed = aptGet("update") && aptGet("install", "-y", "--no-install-recommends", ...packages);
  if (!installed || names.some((name) => findProgram(name) === undefined)) notFound(names);
  console.log(`Installed in ${secondsSince(started)}.`);
}

/**
 * @param {string[]} args
 * @returns {boolean} whether it went well; if not, its errors are on the terminal
 */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", ["-qq", ...args], { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/**
 * @param {string[]} names
 * @returns {never}
 */
function notFound(names) {
  const wanted = names.map(
    (name) => `${name} (Debian package ${entry(name).debian}, or set ${entry(name).env})`,
  );
  stop(`This needs ${wanted.join(" and ")}: install it, then run it again.`);
}

/** @param {string} name */
function entry(name) {
  const program = programs[name];
  if (program === undefined) throw new Error(`tools/programs.js knows no program called ${name}`);
  return program;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
