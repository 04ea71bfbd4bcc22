// @ts-check
// Real servers on free ports in temporary folders; each ends with this process.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** @typedef {{ port: number, pid: number, url: string, stop: () => Promise<void> }} Server */

/** Programs start on these cores only; undefined: on all. @type {string | undefined} */
const cores = process.env.LATCHKEY_BENCH_OTHERS;

/** @returns {Promise<Server>} */
export async function startRedis() {
  const port = await freePort();
  const program = process.env.LATCHKEY_REDIS_SERVER || "redis-server";
  const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-redis-"));
  // The same safety as SQLite and Postgres have here: what was answered is in the log of the operating system.
  const args = [
    "--port",
    `${port}`,
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "yes",
    "--dir",
    folder,
  ];
  return launch(program, [...args, "--maxmemory-policy", "noeviction"], {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
  });
}

/** @returns {Promise<Server>} */
export async function startPostgres() {
  const port = await freePort();
  const program = realpathSync(process.env.LATCHKEY_POSTGRES || findPostgres());
  const account = process.getuid?.() === 0 ? accountOf("postgres") : {};
  const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-postgres-"));
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid);
  const data = join(folder, "data");
  const made = spawnSync(
    join(dirname(program), "initdb"),
    ["-D", data, "-U", "admin", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
    { ...account, cwd: tmpdir(), encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
  const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", fsync: "off" };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const url = `postgres://admin@127.0.0.1:${port}/postgres`;
  return launch(program, ["-D", data, ...args], { port, folder, url, account, signal: "SIGINT" });
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ port: number, folder: string, url: string, account?: object, signal?: NodeJS.Signals }} about
 * @returns {Promise<Server>}
 */
async function launch(program, args, { port, folder, url, account = {}, signal = "SIGTERM" }) {
  const [command = program, ...rest] = [...pinned(cores), program, ...args];
  const child = spawn(command, rest, { ...account, cwd: folder, stdio: "ignore" });
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  let failed = "";
  child.once("error", (error) => {
    failed = error.message;
  });
  for (let i = 0; !(await isOpen(port)); i++) {
    if (failed !== "" || child.exitCode !== null || i > 600)
      throw new Error(`${program} did not start ${failed}`);
    await new Promise((next) => setTimeout(next, 50));
  }
  // Postgres takes connections before it takes questions.
  if (signal === "SIGINT") await new Promise((next) => setTimeout(next, 1500));
  return {
    ...{ port, url, pid: child.pid ?? 0 },
    async stop() {
      child.kill(signal);
      if (child.exitCode === null) await once(child, "exit");
      process.off("exit", kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a command begins with that is to run on some cores only. @param {string | undefined} on */
export function pinned(on) {
  return on === undefined || on === "" || !existsSync("/usr/bin/taskset")
    ? []
    : ["/usr/bin/taskset", "-c", on];
}

/** @param {number} port */
function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() && true)).once("error", () => resolve(false));
  });
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function findPostgres() {
  for (let version = 20; version >= 13; version--) {
    const path = `/usr/lib/postgresql/${version}/bin/postgres`;
    if (existsSync(path)) return path;
  }
  throw new Error("no Postgres found: install it, or set LATCHKEY_POSTGRES");
}

/** @param {string} name @returns {{ uid?: number, gid?: number }} */
function accountOf(name) {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((it) => it.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? {} : { uid: Number(uid), gid: Number(gid) };
}
