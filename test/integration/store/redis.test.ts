import { randomBytes } from "node:crypto";
import { redisStore } from "latchkey/redis";
import { storeContract } from "latchkey/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { copyKeys } from "../../support/older-copy.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe("redisStore keeps the contract", () => {
  storeContract({
    test,
    open: async ({ clock }) => {
      const prefix = `test-${randomBytes(6).toString("hex")}`;
      const [store, second] = [
        redisStore(server.url, { clock, prefix }),
        redisStore(server.url, { clock, prefix }),
      ];
      await Promise.all([store.start(), second.start()]);
      const dispose = async () => {
        await Promise.all([store.close(), second.close()]);
      };
      const copy = () => copyKeys(server.command, prefix);
      return { store, second, copy, dispose };
    },
  });
});
