import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const next = join(root, "node_modules/next/dist/bin/next");
const example = join(root, "examples/next");
const additions = join(root, "test/integration/adapters/sites/next");
const patience = 90_000;

/** The built site: the example, and beside it what the scenario asks for. Kept, since building takes long. */
export const site: string = join(root, ".cache/next-site");

/** A site that accepts requests. */
export interface NextServer {
  readonly url: string;
  /** What it has written so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Builds the site, unless what it is made of is what it was made of. */
export function buildSite(): void {
  run("node", ["tools/build.js"], root);
  const sources = new Map([...filesIn(example), ...moved(filesIn(additions))]);
  const stamp = stampOf(sources);
  const stampFile = join(site, "stamp");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  layOut(sources);
  const started = Date.now();
  process.stdout.write("Building the Next.js site (a minute or two where the machine is busy) ..." + "\n");
  run("nice", [process.execPath, next, "build"], site);
  writeFileSync(stampFile, stamp);
  process.stdout.write(`Built in ${Math.round((Date.now() - started) / 1000)} s.\n`);
}

/** Starts the site with `next start` on a free port, with nothing of this process's environment but PATH. */
export async function startSite(
  env: Record<string, string>,
  mode: "start" | "dev" = "start",
): Promise<NextServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [next, mode, "-p", String(port), "-H", "127.0.0.1"], {
    cwd: site,
    env: { PATH: process.env.PATH, NEXT_TELEMETRY_DISABLED: "1", BASE_URL: url, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const ended = once(child, "close");
  // A test that ran out of time before it had the server cannot stop it.
  process.once("exit", () => child.kill("SIGKILL"));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  };
  const isUp = await Promise.race([answers(url), ended.then(() => false)]);
  if (isUp) return { url, output: () => output, stop };
  await stop();
  throw new Error(`the site did not start:\n${output}`);
}

function layOut(sources: ReadonlyMap<string, string>): void {
  const kept = `${site}.next`;
  if (existsSync(join(site, ".next"))) renameSync(join(site, ".next"), kept);
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { recursive: true });
  // What the bundler remembers of the last time makes the next time short.
  if (existsSync(kept)) renameSync(kept, join(site, ".next"));
  for (const [name, path] of sources) cpSync(path, join(site, name));
}

/** Files by their names in the site. */
function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !/^(\.next|node_modules)\/|\.db|next-env/.test(name));
  return new Map(names.map((name) => [name, join(folder, name)]));
}

/** Where both have a file, the example's is there for the other one to use. */
function moved(own: ReadonlyMap<string, string>): Map<string, string> {
  const theirs = filesIn(example);
  const replaced = [...own.keys()].filter((name) => theirs.has(name));
  const renamed = replaced.map(
    (name) => [name.replace(/[^/]+$/, (base) => `example-${base}`), theirs.get(name) ?? ""] as const,
  );
  return new Map([...renamed, ...own]);
}

function stampOf(sources: ReadonlyMap<string, string>): string {
  const library = filesIn(join(root, "packages/latchkey/dist"));
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const [name, path] of [...sources, ...library].sort()) {
    if (!/\.map$|tsbuildinfo|stamp/.test(name)) hash.update(`${name}\n`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

function run(command: string, args: readonly string[], cwd: string): void {
  // Of the environment only what programs need to be found: vitest itself sets a BASE_URL.
  const env = { PATH: process.env.PATH, NEXT_TELEMETRY_DISABLED: "1" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(url: string): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    try {
      if ((await fetch(`${url}/api/auth/ok`)).ok) return true;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
