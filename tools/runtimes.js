// @ts-check
// `npm run test:runtimes`: one suite on Node 20, 22, 24 and 26, Bun, Deno and workerd, and the walk through the example for
// Workers. `-- bun deno` runs only those.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.js";
import { root, run, runNpm, secondsSince, stop } from "./process.js";
import { ensurePrograms } from "./programs.js";
import { setup } from "./setup.js";
import { runTests } from "./vitest.js";

const folder = join(root, "runtimes");
const stampFile = join(folder, "node_modules", ".latchkey-hash");

// Others are there too, but under names of their own, and nobody runs this there yet.
if (process.platform !== "linux" || process.arch !== "x64")
  stop(`The runtimes come from npm for Linux on x64 only; this is ${process.platform} on ${process.arch}.`);

setup();
install();
build();
const wanted = process.argv.slice(2);
const paths = ensurePrograms(["redis"]);
const code = run(process.execPath, [join(folder, "run.js"), ...wanted], paths);
const isWalked = wanted.length === 0 || wanted.includes("worker-example");
process.exitCode = (isWalked ? runTests(["runtimes"], paths) : 0) || code;

/** The programs are 1.1 GB in all: not for everybody who installs our dependencies. */
function install() {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const hash = createHash("sha256").update(lock).digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) return;
  console.log("Installing the runtimes, 1.1 GB (first run only) ...");
  const started = Date.now();
  const args = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const code = runNpm(args);
  if (code !== 0) stop("Installing the runtimes failed; the lines above say why.", code);
  writeFileSync(stampFile, hash);
  console.log(`Runtimes installed in ${secondsSince(started)}.`);
}
