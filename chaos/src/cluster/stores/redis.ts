import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type RedisServer, startRedis } from "../../../../test/support/servers/redis.ts";
import { makeSmallDisk, type SmallDisk } from "./small-disk.ts";
import type { BreakableServer, StoreServer } from "./store.ts";
import { stopAll, wiresTo } from "./wires.ts";

/** Where Redis keeps its append-only files, below its folder. */
const files = "appendonlydir";

/** Such a part of what it holds has no room. */
const missing = 0.3;

export async function redisServer(nodes: number, smallDisk: boolean): Promise<StoreServer> {
  const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  const disk = smallDisk ? await moveToDisk(server) : undefined;
  const wires = await wiresTo(server.port, nodes);
  return {
    name: "redis",
    address: server.url,
    addressOf: (node) => `redis://127.0.0.1:${wires[node]?.port ?? server.port}`,
    wires,
    server: breakable(server, disk),
    stop: () =>
      stopAll(wires, async () => {
        await server.kill();
        disk?.remove();
        await server.stop();
      }),
  };
}

async function moveToDisk(server: RedisServer): Promise<SmallDisk | undefined> {
  await server.kill();
  const disk = makeSmallDisk(server.folder);
  await server.start();
  return disk;
}

function breakable(server: RedisServer, disk: SmallDisk | undefined): BreakableServer {
  const [data, aside] = [join(server.folder, files), join(server.folder, "aside")];
  const replaceBy = (from: string): void => {
    rmSync(data, { recursive: true, force: true });
    renameSync(from, data);
  };
  return {
    kill: server.kill,
    start: () => server.start(),
    freeze: server.pause,
    thaw: server.resume,
    async exhaust() {
      await server.command("CONFIG", "SET", "maxmemory", "1");
      return async () => void (await server.command("CONFIG", "SET", "maxmemory", "0"));
    },
    ...(disk === undefined ? {} : { fillDisk: () => fillDisk(server, disk) }),
    async evict() {
      const info = await server.command("INFO", "memory");
      const size = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
      const limit = Math.round(size("used_memory") - missing * size("used_memory_dataset"));
      await server.command("CONFIG", "SET", "maxmemory-policy", "volatile-lru", "maxmemory", String(limit));
      return async () => {
        await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "0");
      };
    },
    async startEmpty() {
      renameSync(data, aside);
      await server.start();
      return async () => replaceBy(aside);
    },
    async copy() {
      // What is appended meanwhile is in it or not: both are a state that was.
      cpSync(data, aside, { recursive: true });
      return { putBack: () => replaceBy(aside) };
    },
  };
}

/**
 * With `appendfsync always` Redis ends itself when it cannot write, and is to be started when there is room; with
 * `everysec` it refuses what writes, and goes on by itself. It is one or the other, from one time to the next.
 */
async function fillDisk(server: RedisServer, disk: SmallDisk): Promise<() => Promise<void>> {
  const isAlways = (await server.command("CONFIG", "GET", "appendfsync")).includes("always");
  disk.fill();
  return async () => {
    disk.free();
    if (await answers(server)) {
      await server.command("CONFIG", "SET", "appendfsync", isAlways ? "everysec" : "always");
    } else {
      await server.kill();
      await server.start("--appendfsync", isAlways ? "everysec" : "always");
    }
  };
}

function answers(server: RedisServer): Promise<boolean> {
  return server.command("PING").then(
    (answer) => answer.startsWith("+PONG"),
    () => false,
  );
}
