import { spawnSync } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { type PostgresServer, startPostgres } from "../../../../test/support/servers/postgres.ts";
import { makeSmallDisk, type SmallDisk } from "./small-disk.ts";
import type { StoreServer } from "./store.ts";
import { stopAll, wiresTo } from "./wires.ts";

/** So many connections there are; all nodes together need fewer. */
const connections = 60;

export async function postgresServer(nodes: number, smallDisk: boolean): Promise<StoreServer> {
  const server = await startPostgres({ settings: { max_connections: connections } });
  const disk = smallDisk ? await moveToDisk(server) : undefined;
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
      copy: () => copy(server),
      ...(disk === undefined ? {} : { fillDisk: () => fillDisk(server, disk) }),
    },
    stop: () =>
      stopAll(wires, async () => {
        await server.kill();
        disk?.remove();
        await server.remove();
      }),
  };
}

/** Nodes keep what they have; nobody gets another connection. Each of ours sits in a transaction. */
async function exhaustConnections(url: string): Promise<() => Promise<void>> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  for (const client of clients) client.on("error", () => undefined);
  const connected = await Promise.allSettled(
    clients.map(async (client) => {
      await client.connect();
      await client.query("begin");
    }),
  );
  const open = clients.filter((_, index) => connected[index]?.status === "fulfilled");
  return async () => {
    await Promise.allSettled(open.map((client) => client.end()));
  };
}

async function moveToDisk(server: PostgresServer): Promise<SmallDisk | undefined> {
  await server.halt();
  const disk = makeSmallDisk(server.folder);
  await server.start();
  return disk;
}

/** Postgres ends itself where it cannot write its log, tries to start by itself, and gives up if there is no room yet. */
async function fillDisk(server: PostgresServer, disk: SmallDisk): Promise<() => Promise<void>> {
  disk.fill();
  return async () => {
    disk.free();
    const answers = (): Promise<boolean> =>
      server.sql("select 1").then(
        () => true,
        () => false,
      );
    if (await answers()) return;
    await server.kill();
    await server.start();
  };
}

/** Of the files, for which the server is down for a moment. */
async function copy(server: PostgresServer): Promise<{ putBack(): void }> {
  const [data, aside] = [join(server.folder, "data"), join(server.folder, "copy")];
  await server.halt();
  run("cp", "-a", data, aside);
  await server.start();
  return {
    putBack() {
      run("rm", "-rf", data);
      run("mv", aside, data);
    },
  };
}

function run(program: string, ...args: string[]): void {
  const result = spawnSync(program, args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr}`);
}
