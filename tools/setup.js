// @ts-check
// Brings a fresh clone to the point where everything else can run. Node built-ins only: it runs before the install.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runNpm, secondsSince, stop } from "./process.js";

const nodeNeeded = [20, 19];
const stampFile = join(root, "node_modules", ".latchkey-lock-hash");

/** Checks Node, then installs dependencies unless those of this package-lock.json are in place. */
export function setup() {
  checkNode(process.versions.node);
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const hash = createHash("sha256").update(lock).digest("hex");
  if (readIfThere(stampFile) === hash) return;
  if (!isInstalled(lock)) install();
  writeFileSync(stampFile, hash);
}

/** @param {string} version for example "20.19.3" */
function checkNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = nodeNeeded;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  stop(`Latchkey needs Node ${nodeNeeded.join(".")} or newer; this is Node ${version}.`);
}

/**
 * Whether node_modules already holds what the lock file asks for, by npm's own record of what it installed. It
 * answers for a node_modules that `npm install` made, which leaves no stamp of ours.
 *
 * @param {string} lock the text of package-lock.json
 */
function isInstalled(lock) {
  const record = readIfThere(join(root, "node_modules", ".package-lock.json"));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(JSON.parse(lock).packages).every(([path, wanted]) => {
    // A workspace of ours is a link without a checksum; an optional package may be one for another platform.
    if (wanted.link) return installed[path]?.link === true;
    if (!wanted.integrity || wanted.optional) return true;
    return installed[path]?.integrity === wanted.integrity;
  });
}

function install() {
  console.log("Installing dependencies (first run only) ...");
  const started = Date.now();
  // Not `npm ci`: it refuses a lock file in which a platform's optional package is missing, and npm leaves out those
  // that the registry at hand did not offer. --no-save keeps the lock file, and so the versions, as they are.
  // --include=dev because the compiler is one, and NODE_ENV=production would leave it out.
  // --ignore-scripts because no dependency needs one, and none should get to run one unasked.
  const args = ["install", "--no-save", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  const code = runNpm([...args, "--loglevel=error"]);
  if (code !== 0) stop("Installing the dependencies failed; the lines above say why.", code);
  console.log(`Dependencies installed in ${secondsSince(started)}.`);
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
