import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProxy, type TcpProxy } from "../../../test/support/net/proxy.ts";
import { startPostgres } from "../../../test/support/servers/postgres.ts";
import type { StoreName } from "../node/settings.ts";

/** The server that the nodes' stores are in, and the wires to it. */
export interface StoreServer {
  readonly name: StoreName;
  /** Where it is reached with nothing in between. */
  readonly address: string;
  /** Where a node reaches it. */
  addressOf(node: number): string;
  /** The wire of each node; none for a file. */
  readonly wires: readonly TcpProxy[];
  /** What can be done to the server; undefined: it is a file. */
  readonly server: BreakableServer | undefined;
  stop(): Promise<void>;
}

/** A server that can be broken. */
export interface BreakableServer {
  /** Ends it with no chance to tidy up. */
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Leaves it no room, or no connection, for anything new. Gives what undoes it. */
  exhaust(): Promise<() => Promise<void>>;
  /** Starts it without any of its data, after `kill`; the data is kept aside. Gives what puts it back, once it is killed again. */
  startEmpty?(): Promise<() => Promise<void>>;
  /** Puts an older copy in the place of what is there: `copy` takes one, `putBack` restores it after `kill`. */
  copy?(): Promise<{ putBack(): void }>;
}

/** Starts it, with a wire for each node. */
export async function startStore(name: StoreName, nodes: number): Promise<StoreServer> {
  switch (name) {
    case "postgres":
      return postgres(nodes);
    case "sqlite":
      return sqlite();
    case "redis":
      throw new Error("no such store yet");
  }
}

async function postgres(nodes: number): Promise<StoreServer> {
  const server = await startPostgres({ settings: { max_connections: 60 } });
  const wires = await wiresTo(server.port, nodes);
  return {
    name: "postgres",
    address: server.url(),
    addressOf: (node) => server.url(wires[node] === undefined ? {} : { port: wires[node].port }),
    wires,
    server: {
      kill: server.kill,
      start: () => server.start(),
      freeze: server.freeze,
      thaw: server.thaw,
      exhaust: () => exhaustConnections(server.url()),
    },
    stop: () => stopAll(wires, server.remove),
  };
}

/** Nodes keep what they have; nobody gets another connection. */
async function exhaustConnections(url: string): Promise<() => Promise<void>> {
  const { default: pg } = await import("pg");
  const clients = Array.from({ length: 60 }, () => new pg.Client({ connectionString: url }));
  for (const client of clients) client.on("error", () => undefined);
  const connected = await Promise.allSettled(
    clients.map(async (client) => {
      await client.connect();
      await client.query("begin");
    }),
  );
  return async () => {
    await Promise.allSettled(
      clients.filter((_, index) => connected[index]?.status === "fulfilled").map((it) => it.end()),
    );
  };
}

function sqlite(): StoreServer {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-chaos-"));
  const address = join(folder, "chaos.db");
  const stop = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  return { name: "sqlite", address, addressOf: () => address, wires: [], server: undefined, stop };
}

function wiresTo(port: number, nodes: number): Promise<TcpProxy[]> {
  return Promise.all(Array.from({ length: nodes }, () => startProxy(port)));
}

async function stopAll(wires: readonly TcpProxy[], stopServer: () => Promise<void>): Promise<void> {
  await Promise.all(wires.map((wire) => wire.close()));
  await stopServer();
}
