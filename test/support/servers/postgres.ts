import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import pg from "pg";
import { freePort } from "./port.ts";

/** How a server is to be started. */
export interface PostgresOptions {
  /** Whether what is committed survives a power cut. Default false: faster, and the same in all that tests see. */
  readonly durable?: boolean;
  /** Further settings, as `postgresql.conf` names them. */
  readonly settings?: { readonly [name: string]: string | number };
  /** Lines of `pg_hba.conf` before those that let everybody in. */
  readonly hba?: readonly string[];
  /** Connects as a standby of another server, from a copy of it. */
  readonly standbyOf?: PostgresServer;
}

/** A Postgres of our own on a free port, in a temporary folder. Its superuser is `admin`, without a password. */
export interface PostgresServer {
  readonly port: number;
  readonly folder: string;
  /** For `admin` on the database `postgres`, unless told otherwise. */
  url(wanted?: { user?: string; password?: string; database?: string; port?: number }): string;
  /** Runs statements as `admin` and gives the rows of the last. */
  sql(text: string, database?: string): Promise<readonly { readonly [column: string]: unknown }[]>;
  /** Starts it again, after `kill` or `halt`. No file of its may grow beyond so many blocks of 512 bytes. */
  start(fileBlocks?: number): Promise<void>;
  /** Ends it in an orderly way, keeping its files. */
  halt(): Promise<void>;
  /** Ends it with no chance to tidy up, keeping its files. */
  kill(): Promise<void>;
  /** Stops all its processes where they are: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** The log that it writes. */
  log(): string;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

/** Postgres does not run as root. */
const account = process.getuid?.() === 0 ? (accountOf("postgres") ?? accountOf("nobody") ?? {}) : {};

/** So that it ends with this process however that ends, where the system can see to it. */
const endingWithUs = process.platform === "linux" ? ["setpriv", "--pdeathsig", "INT"] : [];

/** Statements that make a database again as it is now, tables and all. */
export function dump(server: PostgresServer, database: string): string {
  const program = join(dirname(realpathSync(findPostgres())), "pg_dump");
  const result = spawnSync(program, ["--clean", "--if-exists", "--inserts", server.url({ database })], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`pg_dump failed: ${result.stderr}`);
  // What begins so is for psql alone.
  return result.stdout.replace(/^\\.*$/gm, "");
}

/** Makes and starts a server. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  // The other programs lie beside it, wherever a link leads.
  const bin = dirname(realpathSync(findPostgres()));
  const folder = mkdtempSync(join(tmpdir(), "latchkey-postgres-"));
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid);
  const data = join(folder, "data");
  if (options.standbyOf === undefined) {
    const who = ["-D", data, "-U", "admin", "-A", "trust"];
    // Small files of the write-ahead log leave room for tests that limit the size of files.
    run(join(bin, "initdb"), [...who, "--no-sync", "-E", "UTF8", "--locale=C", "--wal-segsize=1"]);
  } else {
    const from = ["-h", "127.0.0.1", "-p", String(options.standbyOf.port), "-U", "admin"];
    run(join(bin, "pg_basebackup"), [...from, "-D", data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
  }
  if (options.hba !== undefined) {
    const file = join(data, "pg_hba.conf");
    writeFileSync(file, [...options.hba, readFileSync(file, "utf8")].join("\n"));
  }
  const server = makeServer(join(bin, "postgres"), folder, await freePort(), options);
  await server.start();
  return server;
}

function makeServer(
  program: string,
  folder: string,
  port: number,
  { durable = false, settings = {} }: PostgresOptions,
): PostgresServer {
  const all = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_buffers: "32MB",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFile = join(folder, "log");
  let child: ChildProcess | undefined;
  const url: PostgresServer["url"] = ({ user = "admin", password, database = "postgres", ...at } = {}) => {
    const who = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
    return `postgres://${who}@127.0.0.1:${at.port ?? port}/${database}`;
  };
  const killNow = (): void => signalAll(child, "SIGKILL");
  const ended = async (): Promise<void> => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await once(child, "exit");
    child = undefined;
    process.off("exit", killNow);
  };
  const halt = async (): Promise<void> => {
    signalAll(child, "SIGCONT");
    child?.kill("SIGINT");
    await ended();
  };
  return {
    port,
    folder,
    url,
    sql: (text, database) => ask(url(database === undefined ? {} : { database }), text),
    start: async (fileBlocks) => {
      const log = openSync(logFile, "a");
      const limited =
        fileBlocks === undefined ? [] : ["sh", "-c", `ulimit -f ${fileBlocks}; exec "$@"`, "sh"];
      const command = [...endingWithUs, ...limited, program, "-D", join(folder, "data"), ...args];
      const [first = program, ...rest] = command;
      child = spawn(first, rest, { ...account, stdio: ["ignore", log, log] });
      closeSync(log);
      process.on("exit", killNow);
      await accepting(url(), child, () => readFileSync(logFile, "utf8"));
    },
    halt,
    kill: async () => {
      killNow();
      await ended();
    },
    freeze: () => signalAll(child, "SIGSTOP"),
    thaw: () => signalAll(child, "SIGCONT"),
    log: () => readFileSync(logFile, "utf8"),
    remove: async () => {
      await halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ask(url: string, text: string): Promise<readonly { readonly [column: string]: unknown }[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const result: unknown = await client.query(text);
    const last = Array.isArray(result) ? result.at(-1) : result;
    return last.rows;
  } finally {
    await client.end();
  }
}

async function accepting(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await ask(url, "select 1");
      return;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`Postgres did not start:\n${log()}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** The first process and all that it has started: each is in a group of its own. */
function signalAll(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  const pid = child?.pid;
  if (pid === undefined || child?.exitCode !== null || child.signalCode !== null) return;
  // The first one first, so that it starts no others meanwhile.
  for (const one of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(one, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

function run(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { ...account, encoding: "utf8", cwd: tmpdir() });
  if (result.status !== 0) throw new Error(`${program} failed: ${result.error ?? result.stderr}`);
}

function accountOf(name: string): { uid?: number; gid?: number } | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((it) => it.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** `npm test` names it; a run of vitest alone finds it where Debian and others put it. */
function findPostgres(): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter)];
  for (let version = 20; version >= 13; version--) folders.push(`/usr/lib/postgresql/${version}/bin`);
  const candidates = [
    process.env.LATCHKEY_POSTGRES ?? "",
    ...folders.map((folder) => join(folder, "postgres")),
  ];
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new Error("no Postgres found: install it, or set LATCHKEY_POSTGRES");
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== "";
  } catch {
    return false;
  }
}
