import { setTimeout as wait } from "node:timers/promises";
import { createClient, RESP_TYPES } from "@redis/client";
import type { Store } from "latchkey";
import { redisStore } from "latchkey/redis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startProxy } from "../../support/net/redis-proxy.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { aPrefix, listen, openRedisStore } from "../../support/servers/redis-store.ts";
import { anId, aSession, aUser, signUp, unlimited } from "./people.ts";

async function serve(...settings: string[]): Promise<RedisServer> {
  const server = await startRedis(...settings);
  onTestFinished(() => server.stop());
  return server;
}

/** A primary and one that follows it. */
async function servePair(...settings: string[]): Promise<{ primary: RedisServer; replica: RedisServer }> {
  const primary = await serve(...settings);
  const replica = await serve("--replicaof", `127.0.0.1 ${primary.port}`, "--repl-diskless-sync-delay", "0");
  for (let i = 0; !(await primary.command("INFO", "replication")).includes("state=online"); i++) {
    if (i > 500) throw new Error("the replica does not follow");
    await wait(20);
  }
  return { primary, replica };
}

const faultOf = (call: Promise<unknown>): Promise<{ code: string; message: string }> =>
  call.then(
    () => ({ code: "answered", message: "" }),
    (error) => error,
  );

describe("a server that may throw records away", () => {
  test.each(["allkeys-lru", "volatile-ttl"])("is refused at start: %s", async (policy) => {
    const server = await serve("--maxmemory-policy", policy);
    const store = redisStore(server.url);
    onTestFinished(() => store.close());
    const { code, message } = await faultOf(store.start());
    expect(code).toBe("misuse");
    expect(message).toContain(`"${policy}"`);
    expect(message).toContain("maxmemory-policy noeviction");
    expect(await server.command("DBSIZE")).toBe(":0\r\n");
    // Set right, the same store starts.
    await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await store.start();
    expect(await store.hasRole("admin")).toBe(false);
  });

  test("is refused when it comes back so, and accepted when that is mended", async () => {
    const server = await serve();
    const store = await openRedisStore(server.url);
    await server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu");
    await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await wait(100);
    const { code, message } = await faultOf(store.readSession(anId()));
    expect([code, message]).toEqual(["cannot_tell", expect.stringContaining("allkeys-lfu")]);
    await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await wait(1200);
    expect((await faultOf(store.readSession(anId()))).code).toBe("answered");
  });
});

describe("a server that is told to throw records away while it runs", () => {
  const evict = (server: RedisServer, memory: string) =>
    server.command("CONFIG", "SET", "maxmemory-policy", "volatile-lru", "maxmemory", memory);
  const mend = (server: RedisServer) =>
    server.command("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "0");

  test("is noticed by itself, and answers again once that is mended", async () => {
    const server = await serve();
    const store = await openRedisStore(server.url);
    await evict(server, "0");
    const code = async () => (await faultOf(store.readSession(anId()))).code;
    await vi.waitFor(async () => expect(await code()).toBe("cannot_tell"), 5000);
    await mend(server);
    await vi.waitFor(async () => expect(await code()).toBe("answered"), 5000);
    // Nothing was thrown away.
    expect((await store.readSession(anId())).globalEpoch).toBe(0);
  });

  test("and has done so: everybody is signed out, once, and the log says why", async () => {
    const server = await serve();
    const { words, logger } = listen();
    const prefix = aPrefix();
    const stores = await Promise.all([1, 2, 3].map(() => openRedisStore(server.url, { logger, prefix })));
    const before = words.length;
    const began = Date.now();
    // Which key it was nobody can tell, so this one stands for one of ours.
    await server.command("SET", "goes", "x".repeat(2_000_000), "EX", "1000");
    await evict(server, "2000000");
    await server.command("SET", "another", "x");
    await vi.waitFor(
      async () => expect(await server.command("INFO", "stats")).not.toContain("evicted_keys:0"),
      5000,
    );
    await mend(server);
    const epochAt = async (store: Store) => (await store.readSession(anId())).globalEpoch;
    // By the store's time, as every epoch: so an older copy gives it out to nothing else.
    for (const store of stores) {
      const raised = async () => expect(await epochAt(store)).toBeGreaterThanOrEqual(began);
      await vi.waitFor(raised, { timeout: 5000, interval: 100 });
    }
    await wait(1500);
    const epochs = new Set(await Promise.all(stores.map(epochAt)));
    expect(epochs.size).toBe(1);
    const [epoch] = epochs;
    expect(words.slice(before).filter((it) => it.includes("everybody is signed out"))).toHaveLength(1);
    const page = await stores[1]?.readChanges({ after: null, limit: 10, waitMs: 0, lease: null });
    expect(page?.changes.map(({ change }) => change)).toEqual([{ kind: "global_epoch", epoch }]);
  });
});

describe("how much a crash takes along is said once", () => {
  test.each([
    [["--appendonly", "no"], /no append-only file/],
    [["--appendonly", "yes", "--appendfsync", "everysec"], /appendfsync is everysec.*about 1 second/],
    [["--appendonly", "yes", "--appendfsync", "no"], /appendfsync is no.*about 30 seconds/],
  ])("%s", async (settings, words) => {
    const server = await serve(...settings);
    const { words: said, logger } = listen();
    await openRedisStore(server.url, { logger });
    expect(said).toEqual([expect.stringMatching(words)]);
    expect(said[0]).toContain("appendfsync always");
  });

  test("nothing is said of a server that loses nothing", async () => {
    const server = await serve("--appendonly", "yes", "--appendfsync", "always");
    const { words, logger } = listen();
    await openRedisStore(server.url, { logger });
    expect(words).toEqual([]);
  });
});

describe("only the primary answers", () => {
  test("a replica is refused at start", async () => {
    const { replica } = await servePair();
    const store = redisStore(replica.url);
    onTestFinished(() => store.close());
    const { code, message } = await faultOf(store.start());
    expect([code, message]).toEqual(["cannot_tell", expect.stringContaining("replica")]);
  });

  test.each(["yes", "no"])("one that was made a replica answers nothing, read-only: %s", async (readOnly) => {
    const [server, other] = [await serve("--replica-read-only", readOnly), await serve()];
    const prefix = aPrefix();
    const store = await openRedisStore(server.url, { prefix });
    const { session } = await signUp(store);
    // What it follows is a copy of it, so that nothing but its role tells.
    await other.command("REPLICAOF", "127.0.0.1", `${server.port}`);
    await wait(300);
    await other.command("REPLICAOF", "NO", "ONE");
    await server.command("REPLICAOF", "127.0.0.1", `${other.port}`);
    for (const call of [
      () => store.readSession(session.id),
      () => store.readChanges({ after: null, limit: 1, waitMs: 0, lease: null }),
      () => store.endSession(session.id, "revoked"),
      () => store.listKeys(),
    ]) {
      const { code, message } = await faultOf(call());
      expect([code, message]).toEqual(["cannot_tell", expect.stringMatching(/READONLY|replica/)]);
    }
    await server.command("REPLICAOF", "NO", "ONE");
    await wait(1200);
    expect((await store.readSession(session.id)).session).toEqual(session);
  });
});

describe("a primary that others may have replaced", () => {
  const fenced = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"];
  /** Of the three connections that are kept alive. One of them may just have been asked how the server is set. */
  const idsOf = (server: RedisServer): Promise<string[]> =>
    vi.waitFor(async () => {
      const ids = (await server.command("CLIENT", "LIST")).match(/^id=\d+(?=.*cmd=ping )/gm) ?? [];
      expect(ids).toHaveLength(3);
      return ids.sort();
    }, 2000);
  const leftOf = async (ids: readonly string[], server: RedisServer): Promise<readonly string[]> => {
    const list = await server.command("CLIENT", "LIST");
    return ids.filter((id) => list.includes(`${id} `));
  };

  test("is not believed on connections from before a pause, also where nothing was asked meanwhile", async () => {
    const { primary } = await servePair(...fenced);
    const store = await openRedisStore(primary.url);
    const { session } = await signUp(store);
    await wait(500);
    const before = await idsOf(primary);
    await wait(1500);
    // Idle as they are, they stay as long as they are answered.
    expect(await idsOf(primary)).toEqual(before);
    primary.pause();
    await wait(1500);
    primary.resume();
    const read = await store.readSession(session.id).catch(() => undefined);
    if (read !== undefined) expect(read.session).toEqual(session);
    await wait(1500);
    expect(await leftOf(before, primary)).toEqual([]);
    expect((await store.readSession(session.id)).session).toEqual(session);
  });

  test("is not believed either where this process stood still as long as it did", async () => {
    const { primary } = await servePair(...fenced);
    const store = await openRedisStore(primary.url);
    const { session } = await signUp(store);
    await wait(500);
    const before = await idsOf(primary);
    primary.pause();
    // No timer of ours notices: the first thing that happens then is that somebody asks.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    primary.resume();
    const look = { after: null, limit: 1, waitMs: 0, lease: null };
    const asked = [store.readSession(session.id), store.listKeys(), store.readChanges(look)];
    await Promise.allSettled(asked);
    await wait(300);
    expect(await leftOf(before, primary)).toEqual([]);
  });

  test("answers nothing before it has heard of its replicas again", async () => {
    const { primary, replica } = await servePair(...fenced);
    const store = await openRedisStore(primary.url);
    const { session } = await signUp(store);
    replica.pause();
    onTestFinished(() => replica.resume());
    primary.pause();
    await wait(4500);
    primary.resume();
    const until = performance.now() + 1500;
    while (performance.now() < until) {
      expect((await faultOf(store.readSession(session.id))).code).toBe("cannot_tell");
      await wait(5);
    }
    replica.resume();
    for (let i = 0; (await faultOf(store.readSession(session.id))).code !== "answered"; i++) {
      expect(i).toBeLessThan(200);
      await wait(30);
    }
  });
});

describe("a revocation is answered once it cannot get lost", () => {
  const revocations: readonly [
    string,
    (store: Store, userId: string, sessionId: ReturnType<typeof anId>) => unknown,
  ][] = [
    ["endSession", (store, _, id) => store.endSession(id, "revoked")],
    ["endSessions", (store, id) => store.endSessions(id, "revoked")],
    ["endEverything", (store) => store.endEverything()],
    ["banUser", (store, id) => store.banUser(id, { until: null, reason: null })],
    ["setRoles", (store, id) => store.setRoles(id, ["none"])],
    ["deleteUser", (store, id) => store.deleteUser(id)],
    [
      "changePassword",
      (store, userId) =>
        store.changePassword({ userId, epoch: 0, passwordHash: "$", keep: null, audit: null }),
    ],
  ];

  test.each(revocations)("%s has reached the replica", async (_, revoke) => {
    const { primary, replica } = await servePair();
    const prefix = aPrefix();
    const store = await openRedisStore(primary.url, { prefix });
    const { user, session } = await signUp(store);
    const before = await store.readSession(session.id);
    replica.pause();
    const answer = Promise.resolve(revoke(store, user.id, session.id)).then(() => "answered");
    expect(await Promise.race([answer, wait(150, "waits")])).toBe("waits");
    replica.resume();
    expect(await answer).toBe("answered");
    // At that very moment the primary is gone, and the replica takes its place.
    const gone = primary.kill();
    await replica.command("REPLICAOF", "NO", "ONE");
    await gone;
    const after = await openRedisStore(replica.url, { prefix });
    const read = await after.readSession(session.id);
    expect({ ...read, now: 0 }).not.toEqual({ ...before, now: 0 });
  });

  test("one that no replica confirms is said to be so, and stands", async () => {
    const { primary, replica } = await servePair();
    const store = await openRedisStore(primary.url);
    const { session } = await signUp(store);
    replica.pause();
    onTestFinished(() => replica.resume());
    const started = performance.now();
    const { code, message } = await faultOf(store.endSession(session.id, "revoked"));
    expect([code, performance.now() - started < 2000]).toEqual(["revocation_unconfirmed", true]);
    expect(message).toContain("Ask again");
    expect((await store.readSession(session.id)).session?.endReason).toBe("revoked");
    // Asked again there is nothing to end, and it still is not safe.
    expect((await faultOf(store.endSession(session.id, "revoked"))).code).toBe("revocation_unconfirmed");
    // What forbids nothing waits for nobody.
    const other = await store.openSession({
      user: { create: aUser() },
      session: aSession(),
      replaces: null,
      ...unlimited,
    });
    expect(other.ok).toBe(true);
    replica.resume();
    expect(await store.endSession(session.id, "revoked")).toBe(false);
  });

  test("it is confirmed where it was done, though another connection still leads to the primary of before", async () => {
    const { primary } = await servePair();
    const next = await serve("--replicaof", `127.0.0.1 ${primary.port}`);
    const proxy = await startProxy(primary.port);
    onTestFinished(() => proxy.close());
    const store = await openRedisStore(proxy.url);
    const { session } = await signUp(store);
    expect(await store.endSession((await signUp(store)).session.id, "revoked")).toBe(true);
    await wait(300);
    await next.command("REPLICAOF", "NO", "ONE");
    proxy.aim(next.port);
    // All but the one that waits for replicas are made anew, and lead to the new primary, which has none.
    const clients = (await primary.command("CLIENT", "LIST")).split("\n");
    for (const line of clients.filter((it) => /cmd=(?!wait|client|psync|replconf)/.test(it)))
      await primary.command("CLIENT", "KILL", "ID", /id=(\d+)/.exec(line)?.[1] ?? "");
    expect((await primary.command("CLIENT", "LIST")).match(/cmd=wait/g)?.length).toBe(1);
    await wait(300);
    expect((await faultOf(store.endSession(session.id, "revoked"))).code).toBe("revocation_unconfirmed");
    expect((await store.readSession(session.id)).session?.endReason).toBe("revoked");
  });

  test("a replica that is gone is missed, not forgotten", async () => {
    const { primary, replica } = await servePair();
    const store = await openRedisStore(primary.url);
    const { session } = await signUp(store);
    await replica.kill();
    // Asked anew it says that it has none.
    await primary.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await wait(300);
    expect((await faultOf(store.endSession(session.id, "revoked"))).code).toBe("revocation_unconfirmed");
    const without = await openRedisStore(primary.url, { replicas: 0 });
    const { user } = await signUp(without);
    expect(await without.endSessions(user.id, "revoked")).toBe(1);
  });

  test("where an append-only file is synced each second it waits for the disk, if the server can", async () => {
    const server = await serve("--appendonly", "yes", "--appendfsync", "everysec");
    const canWait = (await server.command("COMMAND", "INFO", "WAITAOF")).includes("waitaof");
    const store = await openRedisStore(server.url);
    const { session } = await signUp(store);
    expect(await store.endSession(session.id, "revoked")).toBe(true);
    expect(await store.endSession((await signUp(store)).session.id, "revoked")).toBe(true);
    const statistics = await server.command("INFO", "commandstats");
    expect(/cmdstat_waitaof:calls=[1-9]/.test(statistics)).toBe(canWait);
  });

  test("many at once share what they wait for", async () => {
    const { primary } = await servePair();
    const store = await openRedisStore(primary.url);
    const people = await Promise.all(Array.from({ length: 200 }, () => signUp(store)));
    const waits = async (): Promise<number> => {
      const [, calls] = /cmdstat_wait:calls=(\d+)/.exec(await primary.command("INFO", "commandstats")) ?? [];
      return Number(calls ?? 0);
    };
    const before = await waits();
    const ended = await Promise.all(people.map(({ session }) => store.endSession(session.id, "revoked")));
    expect(ended.every(Boolean)).toBe(true);
    expect((await waits()) - before).toBeLessThan(50);
  });
});

test("a client of the application's is copied, with what it was told, and otherwise left alone", async () => {
  const server = await serve();
  await server.command("CONFIG", "SET", "requirepass", "hush-hush");
  const client = createClient({
    url: server.url.replace("redis://", "redis://:hush-hush@"),
    database: 3,
    RESP: 2,
    keyPrefix: "app:",
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  onTestFinished(() => client.destroy());
  const prefix = aPrefix();
  const store = await openRedisStore(client, { prefix });
  expect(client.isOpen).toBe(false);
  const { session } = await signUp(store);
  await client.connect();
  expect((await store.readSession(session.id)).session).toEqual(session);
  expect(String(await client.sendCommand(["DBSIZE"]))).not.toBe("0");
  expect(await client.sendCommand(["EXISTS", `{${prefix}}:meta`])).toBe(1);
  client.destroy();
  expect(await store.endSession(session.id, "revoked")).toBe(true);
});

test("what is none of the driver's is a misuse, whose words show no password", () => {
  for (const target of ["http://u:secret-word@localhost", "redis://u:secret-word@local host", ""]) {
    let message = "";
    try {
      redisStore(target);
    } catch (error) {
      message = error instanceof Error ? error.message : "";
    }
    if (target !== "") expect(message).toContain("redisStore()");
    expect(message).not.toContain("secret-word");
  }
  expect(() => redisStore("redis://localhost", { prefix: "a{b}" })).toThrow("prefix");
  expect(() => redisStore("redis://localhost", { replicas: -1 })).toThrow("replicas");
});

test("a server that nobody runs is a fault that names it, and a later start may succeed", async () => {
  const server = await serve();
  const store = redisStore(server.url);
  onTestFinished(() => store.close());
  await server.kill();
  const { code, message } = await faultOf(store.start());
  expect([code, message]).toEqual(["cannot_tell", expect.stringContaining(`${server.port}`)]);
  await server.start();
  await store.start();
  expect(await store.listUsers({ limit: 1 })).toEqual([]);
});

test("nothing is left open when it is closed, and nothing is opened before it starts", async () => {
  const server = await serve();
  const clients = async (): Promise<number> =>
    (await server.command("CLIENT", "LIST")).split("\n").filter((line) => line.includes("id=")).length;
  const before = await clients();
  const store = redisStore(server.url);
  expect(await clients()).toBe(before);
  await store.start();
  expect(await clients()).toBe(before + 5);
  await store.close();
  await wait(50);
  expect(await clients()).toBe(before);
});
