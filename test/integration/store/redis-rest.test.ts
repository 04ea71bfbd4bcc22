import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "@upstash/redis";
import { latchkey, type Store } from "latchkey";
import { redisStore } from "latchkey/redis";
import { redisRestStore } from "latchkey/redis-rest";
import { storeContract } from "latchkey/testing";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { type RestFront, startRestFront } from "../../support/servers/redis-rest.ts";
import { listen } from "../../support/servers/redis-store.ts";
import { signUp } from "./people.ts";

let server: RedisServer;
let front: RestFront;
beforeAll(async () => {
  server = await startRedis();
  front = await startRestFront(server.url);
});
afterEach(() => {
  front.answer(undefined);
  front.delay(0);
});
afterAll(async () => {
  await front.stop();
  await server.stop();
});

const aPrefix = (): string => `test-${randomBytes(6).toString("hex")}`;

async function open(options: Parameters<typeof redisRestStore>[1] = {}): Promise<Store> {
  const store = redisRestStore(front, { prefix: aPrefix(), ...options });
  onTestFinished(() => store.close());
  await store.start();
  return store;
}

describe("redisRestStore keeps the contract, beside redisStore on the same server", () => {
  storeContract({
    // Checks are given up after 180 ms, and a request costs more than a command: a busy machine may need another try.
    test: (name, run) => test(name, { retry: 2 }, run),
    open: async ({ clock }) => {
      const prefix = aPrefix();
      const [store, second] = [
        redisRestStore(front, { clock, prefix }),
        redisStore(server.url, { clock, prefix }),
      ];
      await Promise.all([store.start(), second.start()]);
      const dispose = async () => {
        await Promise.all([store.close(), second.close()]);
      };
      return { store, second, dispose };
    },
  });
});

test("what stands in for the rented server is spoken to as Upstash's own client does", async () => {
  const client = new Redis({
    url: front.url,
    token: front.token,
    enableTelemetry: false,
    enableAutoPipelining: false,
  });
  const answer = await client.eval("return {KEYS[1], ARGV[1]}", ["a"], ["b"]);
  expect(answer).toEqual(["a", "b"]);
  await expect(client.evalsha("0".repeat(40), [], [])).rejects.toThrow("NOSCRIPT");
});

test("what is not Redis over HTTP cannot tell, and is asked again by the next call", async () => {
  const store = await open();
  const { session } = await signUp(store);
  const answers: (readonly [number, string])[] = [
    [500, "oops"],
    [200, "<html>"],
    [200, "{}"],
    [401, '{"error":"WRONGPASS invalid token"}'],
    [307, '{"result":"elsewhere"}'],
  ];
  for (const answer of answers) {
    front.answer(answer);
    await expect(store.readSession(session.id)).rejects.toMatchObject({ code: "cannot_tell" });
    await expect(store.endSession(session.id, "revoked")).rejects.toMatchObject({ code: "cannot_tell" });
  }
  front.answer(undefined);
  expect((await store.readSession(session.id)).session?.endedAt).toBeNull();
});

test("one that answers too late is given up in time, and does nothing later", async () => {
  const store = await open();
  const { session } = await signUp(store);
  front.delay(2200);
  const start = performance.now();
  await expect(store.readSession(session.id)).rejects.toMatchObject({ code: "cannot_tell" });
  expect(performance.now() - start).toBeLessThan(250);
  const ending = store.endSession(session.id, "revoked");
  await expect(ending).rejects.toMatchObject({ code: "cannot_tell" });
  front.delay(0);
  await sleep(600);
  expect((await store.readSession(session.id)).session?.endedAt).toBeNull();
});

test("an emptied server is another one", async () => {
  const store = await open({ prefix: "gone" });
  const { session } = await signUp(store);
  await server.command("DEL", "{gone}:meta");
  await expect(store.readSession(session.id)).rejects.toThrow("was emptied");
});

test("live checks over it: nothing is asked, and a revocation made elsewhere is seen within the bound", async () => {
  const prefix = aPrefix();
  const make = (store: Store) => {
    const auth = latchkey({
      ...{ secret: "a secret for tests, of more than 32 characters", store, rateLimit: false },
      passwords: { hasher: plainHasher() },
      clients: { app: { transport: "bearer", strategy: "jwt-live" } },
    });
    onTestFinished(() => auth.close());
    return auth;
  };
  const [edge, home] = [make(redisRestStore(front, { prefix })), make(redisStore(server.url, { prefix }))];
  const person = { email: "ann@example.com", password: "correct horse battery staple", client: "app" };
  const signedIn = await edge.api.signUpEmail(person);
  if (!signedIn.ok || !("accessToken" in signedIn.credentials)) return expect.fail("not signed up");
  const headers = { authorization: `Bearer ${signedIn.credentials.accessToken}` };
  const check = async () => edge.authenticate(new Request("http://localhost/", { headers }));
  expect(await check()).toMatchObject({ ok: true });
  const sent = front.commands.length;
  for (let i = 0; i < 100; i++) expect((await check()).ok).toBe(true);
  expect(front.commands.length - sent).toBeLessThan(5);
  await home.api.revokeSession({ sessionId: signedIn.session.id });
  await expect.poll(async () => (await check()).ok, { timeout: 2000, interval: 5 }).toBe(false);
});

test("says once what it cannot see of the server, and refuses one that throws records away", async () => {
  const { words, logger } = listen();
  front.answer([400, '{"error":"NOPERM this user has no permissions to run the \'info\' command"}']);
  const blind = redisRestStore(front, { prefix: aPrefix(), logger });
  await expect(blind.start()).rejects.toMatchObject({ code: "cannot_tell" });
  expect(words.filter((it) => it.includes("throws records away"))).toHaveLength(1);
  front.answer(undefined);
  await server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  onTestFinished(() =>
    server.command("CONFIG", "SET", "maxmemory-policy", "noeviction").then(() => undefined),
  );
  await expect(redisRestStore(front).start()).rejects.toMatchObject({ code: "misuse" });
});

test.each([
  ["url", { url: "http://redis.example", token: "t" }],
  ["url", { url: "redis://redis.example", token: "t" }],
  ["token", { url: "https://redis.example", token: "" }],
])("a wrong %s is a misuse", (what, target) => {
  expect(() => redisRestStore(target)).toThrow(`needs ${what}`);
});
