import { setTimeout as wait } from "node:timers/promises";
import { type RedisServer, startRedis } from "./redis.ts";

/** Three primaries that share the slots. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Which node has the slot of a key. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves the slot of a key, with all that lies in it, to another node. */
  move(key: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<RedisCluster> {
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500"];
  const nodes = await Promise.all([0, 1, 2].map(() => startRedis(...settings)));
  const ranges = ["0 5460", "5461 10922", "10923 16383"];
  const [first] = nodes;
  if (first === undefined) throw new Error("no nodes");
  for (const [i, node] of nodes.entries()) {
    await node.command("CLUSTER", "ADDSLOTSRANGE", ...(ranges[i] ?? "").split(" "));
    if (node !== first) await node.command("CLUSTER", "MEET", "127.0.0.1", `${first.port}`);
  }
  const isWhole = async (node: RedisServer): Promise<boolean> => {
    const info = await node.command("CLUSTER", "INFO");
    return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  };
  for (let i = 0; !(await Promise.all(nodes.map(isWhole))).every(Boolean); i++) {
    if (i > 1000) throw new Error("the nodes do not find each other");
    await wait(20);
  }

  const slotOf = async (key: string): Promise<string> =>
    (await first.command("CLUSTER", "KEYSLOT", key)).slice(1).trim();

  async function ownerOf(key: string): Promise<RedisServer> {
    for (const node of nodes) {
      // A node sends elsewhere whoever asks for a key that it does not have.
      if (!(await node.command("EXISTS", key)).startsWith("-MOVED")) return node;
    }
    throw new Error(`no node has ${key}`);
  }

  return {
    nodes,
    ownerOf,
    move: async (key) => {
      const [slot, from] = [await slotOf(key), await ownerOf(key)];
      const to = nodes.find((node) => node !== from) ?? from;
      const idOf = async (node: RedisServer) =>
        (await node.command("CLUSTER", "MYID")).split("\r\n")[1] ?? "";
      const [fromId, toId] = [await idOf(from), await idOf(to)];
      await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
      await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
      const keys =
        (await from.command("CLUSTER", "GETKEYSINSLOT", slot, "10000")).match(/\{.*(?=\r\n)/g) ?? [];
      await from.command("MIGRATE", "127.0.0.1", `${to.port}`, "", "0", "5000", "KEYS", ...keys);
      for (const node of [to, from, ...nodes]) await node.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
