// @ts-check
// What every tool here needs of the process it runs in. Node built-ins only: it runs before the install.
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root folder, with a slash at its end. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Whether to keep colours out of the output. Left alone, some programs write them into a file or a pipe too. */
export const isPlain = !process.stdout.isTTY && !process.env.FORCE_COLOR;

/**
 * Ends the process with one line instead of a stack trace: what stopped us is the reader's to mend, not a bug here.
 *
 * @param {string} message
 * @param {number} [code] the exit code, 1 by default
 * @returns {never}
 */
export function stop(message, code = 1) {
  console.error(message);
  process.exit(code);
}

/**
 * Runs a program in the repository's root with its output on this terminal.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to the environment
 * @returns {number} its exit code; 1 if it did not start or a signal ended it
 */
export function run(command, args, env = {}) {
  const plain = isPlain ? { NO_COLOR: "1" } : {};
  const options = { cwd: root, env: { ...process.env, ...plain, ...env } };
  const result = spawnSync(command, args, { ...options, stdio: "inherit" });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/**
 * Runs npm with the Node that runs us. Under `npm start` the npm that started us names itself, which also spares
 * us the question of how npm is called on Windows.
 *
 * @param {string[]} args
 * @returns {number} its exit code
 */
export function runNpm(args) {
  const npm = process.env.npm_execpath;
  return npm ? run(process.execPath, [npm, ...args]) : run("npm", args);
}

/**
 * Runs a command of an installed package, found where npm links it.
 *
 * @param {string} name for example "tsc"
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
export function runTool(name, args, env) {
  const suffix = process.platform === "win32" ? ".cmd" : "";
  return run(`${root}node_modules/.bin/${name}${suffix}`, args, env);
}

/**
 * The seconds since a moment, for a progress line.
 *
 * @param {number} started milliseconds, from Date.now()
 */
export function secondsSince(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

/**
 * Whether a module is the program that was started, rather than imported by another.
 *
 * @param {string} moduleUrl its import.meta.url
 */
export function isMain(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(moduleUrl);
}
