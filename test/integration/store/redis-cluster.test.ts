import { setTimeout as wait } from "node:timers/promises";
import { createCluster } from "@redis/client";
import { redisStore } from "latchkey/redis";
import { storeContract } from "latchkey/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisCluster, startCluster } from "../../support/servers/redis-cluster.ts";
import { aPrefix, openRedisStore, someOf } from "../../support/servers/redis-store.ts";
import { signUp } from "./people.ts";

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

const options = () => ({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) });

describe("redisStore keeps the contract in a Cluster", () => {
  storeContract({
    test: someOf(test),
    open: async ({ clock }) => {
      const prefix = aPrefix();
      // One way and the other to say where it is.
      const store = redisStore(options(), { clock, prefix });
      const second = redisStore(createCluster(options()), { clock, prefix });
      await Promise.all([store.start(), second.start()]);
      const dispose = async () => {
        await Promise.all([store.close(), second.close()]);
      };
      return { store, second, dispose };
    },
  });
});

test("all keys lie in one slot, of one node", async () => {
  const prefix = aPrefix();
  const store = await openRedisStore(options(), { prefix });
  await signUp(store);
  const owner = await cluster.ownerOf(`{${prefix}}:meta`);
  for (const node of cluster.nodes) {
    const keys = await node.command("KEYS", `{${prefix}}*`);
    expect(keys.startsWith("*0")).toBe(node !== owner);
  }
});

test("where the slot moves to another node it follows, and readers start anew", async () => {
  const prefix = aPrefix();
  const store = await openRedisStore(options(), { prefix });
  const { session } = await signUp(store);
  await store.endEverything();
  const look = (after: string | null) => store.readChanges({ after, limit: 9, waitMs: 0, lease: null });
  const { position } = await look(null);
  const before = await cluster.ownerOf(`{${prefix}}:meta`);
  await cluster.move(`{${prefix}}:meta`);
  expect(await cluster.ownerOf(`{${prefix}}:meta`)).not.toBe(before);
  for (let i = 0; ; i++) {
    const read = await Promise.all([store.readSession(session.id), look(position)]).catch(() => undefined);
    if (read?.[0].session?.id === session.id) {
      expect(read[1].reset).toBe("moved");
      break;
    }
    expect(i).toBeLessThan(100);
    await wait(30);
  }
  expect((await look(null)).changes.length).toBe(1);
});

test("a node that is killed is an outage, and no more once it is back", async () => {
  const prefix = aPrefix();
  const store = await openRedisStore(options(), { prefix });
  const { session } = await signUp(store);
  const owner = await cluster.ownerOf(`{${prefix}}:meta`);
  await owner.command("CONFIG", "SET", "appendonly", "yes");
  await wait(300);
  await owner.kill();
  const code = await store.readSession(session.id).catch((error) => error.code);
  expect(code).toBe("cannot_tell");
  await owner.start("--appendonly", "yes");
  for (let i = 0; ; i++) {
    const read = await store.readSession(session.id).catch(() => undefined);
    if (read?.session?.id === session.id) break;
    expect(i).toBeLessThan(200);
    await wait(50);
  }
});
