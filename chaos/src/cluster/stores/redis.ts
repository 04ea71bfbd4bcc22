import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type RedisServer, startRedis } from "../../../../test/support/servers/redis.ts";
import type { BreakableServer, StoreServer } from "./store.ts";
import { stopAll, wiresTo } from "./wires.ts";

/** Where Redis keeps its append-only files, below its folder. */
const files = "appendonlydir";

export async function redisServer(nodes: number): Promise<StoreServer> {
  const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  const wires = await wiresTo(server.port, nodes);
  return {
    name: "redis",
    address: server.url,
    addressOf: (node) => `redis://127.0.0.1:${wires[node]?.port ?? server.port}`,
    wires,
    server: breakable(server),
    stop: () => stopAll(wires, server.stop),
  };
}

function breakable(server: RedisServer): BreakableServer {
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
