// @ts-check
// The suite in each runtime, one after the other. Options: names of runtimes; all if none is named.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startOrigin } from "./origin.js";
import { startRest } from "./rest.js";
import { walkThroughWorker } from "./worker-example.js";
import { runWorker } from "./workerd.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = (/** @type {string} */ name) => join(here, "node_modules", name);
/** Milliseconds that a runtime has for the whole suite. */
const patience = 120_000;

/** @type {Record<string, (origin: Origin, auth: import("latchkey").Auth) => Promise<import("./suite.js").Outcome[]>>} */
const runtimes = {
  "node-20": (origin) => runProgram(join(folder("node-20"), "bin/node"), ["main.js"], origin),
  "node-22": (origin) => runProgram(join(folder("node-22"), "bin/node"), ["main.js"], origin),
  "node-24": (origin) => runProgram(join(folder("node-24"), "bin/node"), ["main.js"], origin),
  "node-26": (origin) => runProgram(join(folder("node-26"), "bin/node"), ["main.js"], origin),
  bun: (origin) => runProgram(join(folder("@oven/bun-linux-x64"), "bin/bun"), ["main.js"], origin),
  deno: (origin) =>
    runProgram(
      join(folder("@deno/linux-x64-glibc"), "deno"),
      ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual", "main.js"],
      origin,
    ),
  workerd: (origin) => runInWorker(origin, []),
  // What most Workers are configured with: it puts a node:crypto there that is not Node's.
  "workerd-nodejs-compat": (origin) => runInWorker(origin, ["nodejs_compat"]),
  "worker-example": walkThroughWorker,
};

/** @typedef {import("./suite.js").Environment} Origin */

async function main() {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !(name in runtimes));
  if (unknown !== undefined) {
    console.error(`There is no runtime "${unknown}"; there are ${Object.keys(runtimes).join(", ")}.`);
    process.exit(1);
  }
  const clientSecret = randomBytes(32).toString("hex");
  const server = await startOrigin(clientSecret);
  const redis = await startRest();
  const origin = { issuer: server.issuer, clientSecret, rest: redis.rest };
  let failed = 0;
  for (const [name, run] of Object.entries(runtimes)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const start = Date.now();
    const outcomes = await run(origin, server.auth).catch((error) => [
      { name: "the runtime itself", ms: 0, error: String(error) },
    ]);
    const bad = outcomes.filter(({ error }) => error !== undefined);
    failed += bad.length;
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    console.log(
      `${name.padEnd(8)} ${outcomes.length - bad.length} passed, ${bad.length} failed in ${seconds} s`,
    );
    for (const { name: what, error } of bad)
      console.log(`  ✗ ${what}\n    ${error?.replaceAll("\n", "\n    ")}`);
  }
  await server.stop();
  await redis.stop();
  process.exit(failed === 0 ? 0 : 1);
}

/**
 * @param {Origin} origin
 * @param {string[]} flags
 * @returns {Promise<import("./suite.js").Outcome[]>}
 */
function runInWorker(origin, flags) {
  const ask = async (/** @type {string} */ url) => {
    const init = { method: "POST", body: JSON.stringify(origin), signal: AbortSignal.timeout(patience) };
    const answer = await fetch(url, init);
    if (!answer.ok) throw new Error(`it answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  return runWorker("worker.js", {}, ask, flags);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {Origin} origin
 */
async function runProgram(program, args, origin) {
  const env = { ...process.env, NO_COLOR: "1", ORIGIN: JSON.stringify(origin) };
  const child = spawn(program, args, {
    cwd: here,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: patience,
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [status, signal] = await once(child, "close");
  if (status !== 0) throw new Error(`it ended with ${signal ?? status}: ${text}`);
  return JSON.parse(text.trim().split("\n").at(-1) ?? "");
}

await main();
