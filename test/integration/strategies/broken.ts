import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Auth, type LatchkeyOptions, type Logger, latchkey, type Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { redisStore } from "latchkey/redis";
import { onTestFinished } from "vitest";
import { startProxy, type TcpProxy } from "../../support/net/proxy.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { dump, startPostgres } from "../../support/servers/postgres.ts";
import { startRedis } from "../../support/servers/redis.ts";

/** What a store's server, or the way to it, may do. */
export const faults = ["killed", "stopped", "silent", "slow", "half-open"] as const;
export type Fault = (typeof faults)[number];

/** What a store may come back with in the place of its data: none at all, or those of before anybody was there. */
export const replacements = ["nothing", "older copy"] as const;
export type Replacement = (typeof replacements)[number];

/** An authenticator over a store that can be broken. */
export interface Broken {
  readonly auth: Auth;
  /** What it has logged so far, with all others over the store. */
  readonly words: readonly string[];
  /** As in a process that is started now. */
  another(): Promise<Auth>;
  /** The store is another from now on; gives what puts everything back. */
  replace(by: Replacement): Promise<() => Promise<void>>;
  begin(fault: Fault): Promise<void>;
  end(fault: Fault): Promise<void>;
}

/** A real server, and what is done to it. */
interface Engine {
  readonly port: number;
  open(port: number, logger: Logger): Store;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
  go(): void;
  /** What it holds now is the older copy. */
  keep(): void;
  replace(by: Replacement): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

async function postgres(): Promise<Engine> {
  const server = await startPostgres();
  let older = "";
  return {
    port: server.port,
    open: (port, logger) => postgresStore(server.url({ port }), { logger }),
    kill: () => server.kill(),
    start: () => server.start(),
    stop: () => server.freeze(),
    go: () => server.thaw(),
    keep: () => {
      older = dump(server, "postgres");
    },
    replace: async (by) => {
      await server.sql("alter schema public rename to aside; create schema public");
      if (by === "older copy") await server.sql(older);
      return async () => {
        await server.sql("drop schema public cascade; alter schema aside rename to public");
      };
    },
    remove: () => server.remove(),
  };
}

async function redis(): Promise<Engine> {
  const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  const [files, aside, older] = ["appendonlydir", "aside", "older"].map((it) => join(server.folder, it));
  if (files === undefined || aside === undefined || older === undefined) throw new Error("three folders");
  return {
    port: server.port,
    open: (port, logger) => redisStore(`redis://127.0.0.1:${port}`, { logger }),
    kill: () => server.kill(),
    start: () => server.start(),
    stop: () => server.pause(),
    go: () => server.resume(),
    keep: () => cpSync(files, older, { recursive: true }),
    replace: async (by) => {
      await server.kill();
      renameSync(files, aside);
      if (by === "older copy") renameSync(older, files);
      await server.start();
      return async () => {
        await server.kill();
        rmSync(files, { recursive: true, force: true });
        renameSync(aside, files);
        await server.start();
      };
    },
    remove: () => server.stop(),
  };
}

export const engines: readonly (readonly [
  name: string,
  open: (options: Partial<LatchkeyOptions>) => Promise<Broken>,
])[] = [
  ["postgres", (options) => openOver(postgres, options)],
  ["redis", (options) => openOver(redis, options)],
];

async function openOver(start: () => Promise<Engine>, options: Partial<LatchkeyOptions>): Promise<Broken> {
  const engine = await start();
  const proxy = await startProxy(engine.port);
  const words: string[] = [];
  const note = (fields: object, message: string): void => {
    const why = "err" in fields ? ` (${String(fields.err)})` : "";
    words.push(message + why);
  };
  const logger = { info: note, warn: note, error: note };
  const opened: Auth[] = [];
  onTestFinished(async () => {
    engine.go();
    proxy.thaw();
    await Promise.all(opened.map((auth) => auth.close()));
    await proxy.close();
    await engine.remove();
  });
  const open = async (): Promise<Auth> => {
    const auth = latchkey({
      secret: "a secret for tests, of more than 32 characters",
      store: engine.open(proxy.port, logger),
      rateLimit: false,
      passwords: { hasher: plainHasher() },
      logger,
      ...options,
    });
    opened.push(auth);
    await auth.start();
    return auth;
  };
  const auth = await open();
  engine.keep();
  return {
    ...{ auth, words, another: open, replace: engine.replace },
    begin: async (fault) => change(engine, proxy, fault),
    end: async (fault) => mend(engine, proxy, fault),
  };
}

/** More than anybody waits, in milliseconds. */
export const slowness = 3000;

async function change(engine: Engine, proxy: TcpProxy, fault: Fault): Promise<void> {
  if (fault === "killed") await engine.kill();
  if (fault === "stopped") engine.stop();
  if (fault === "silent") proxy.freeze();
  if (fault === "slow") proxy.delay(slowness);
  if (fault === "half-open") proxy.sever();
}

async function mend(engine: Engine, proxy: TcpProxy, fault: Fault): Promise<void> {
  if (fault === "killed") await engine.start();
  if (fault === "stopped") engine.go();
  if (fault === "silent") proxy.thaw();
  if (fault === "slow") proxy.delay(0);
}
