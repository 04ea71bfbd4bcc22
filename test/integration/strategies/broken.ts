import { type Auth, type LatchkeyOptions, latchkey, type Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { onTestFinished } from "vitest";
import { startProxy, type TcpProxy } from "../../support/net/proxy.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { startPostgres } from "../../support/servers/postgres.ts";

/** What a store's server, or the way to it, may do. */
export const faults = ["killed", "stopped", "silent", "slow", "half-open"] as const;
export type Fault = (typeof faults)[number];

/** An authenticator over a store that can be broken. */
export interface Broken {
  readonly auth: Auth;
  begin(fault: Fault): Promise<void>;
  end(fault: Fault): Promise<void>;
}

/** A real server, and what is done to it. */
interface Engine {
  readonly port: number;
  open(port: number): Store;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
  go(): void;
  remove(): Promise<void>;
}

const silentLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function postgres(): Promise<Engine> {
  const server = await startPostgres();
  return {
    port: server.port,
    open: (port) => postgresStore(server.url({ port }), { logger: silentLogger }),
    kill: () => server.kill(),
    start: () => server.start(),
    stop: () => server.freeze(),
    go: () => server.thaw(),
    remove: () => server.remove(),
  };
}

export const engines: readonly (readonly [
  name: string,
  open: (options: Partial<LatchkeyOptions>) => Promise<Broken>,
])[] = [["postgres", (options) => openOver(postgres, options)]];

async function openOver(start: () => Promise<Engine>, options: Partial<LatchkeyOptions>): Promise<Broken> {
  const engine = await start();
  const proxy = await startProxy(engine.port);
  const auth = latchkey({
    secret: "a secret for tests, of more than 32 characters",
    store: engine.open(proxy.port),
    rateLimit: false,
    passwords: { hasher: plainHasher() },
    logger: silentLogger,
    ...options,
  });
  onTestFinished(async () => {
    engine.go();
    proxy.thaw();
    await auth.close();
    await proxy.close();
    await engine.remove();
  });
  await auth.start();
  return {
    auth,
    begin: async (fault) => change(engine, proxy, fault),
    end: async (fault) => mend(engine, proxy, fault),
  };
}

async function change(engine: Engine, proxy: TcpProxy, fault: Fault): Promise<void> {
  if (fault === "killed") await engine.kill();
  if (fault === "stopped") engine.stop();
  if (fault === "silent") proxy.freeze();
  // More than anybody waits.
  if (fault === "slow") proxy.delay(3000);
  if (fault === "half-open") proxy.sever();
}

async function mend(engine: Engine, proxy: TcpProxy, fault: Fault): Promise<void> {
  if (fault === "killed") await engine.start();
  if (fault === "stopped") engine.go();
  if (fault === "silent") proxy.thaw();
  if (fault === "slow") proxy.delay(0);
}
