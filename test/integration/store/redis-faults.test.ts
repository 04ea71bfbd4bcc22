import { mkdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { SessionId, Store } from "latchkey";
import { expect, onTestFinished, test } from "vitest";
import { startProxy } from "../../support/net/redis-proxy.ts";
import { startRedis } from "../../support/servers/redis.ts";
import { aPrefix, listen, openRedisStore } from "../../support/servers/redis-store.ts";
import { anId, aSession, aUser, signUp, unlimited } from "./people.ts";

const durable = ["--appendonly", "yes", "--appendfsync", "always"];

/** The code of a call's fault and how long it took, in ms; or what it answered. */
async function timed(
  call: Promise<unknown>,
): Promise<{ code: unknown; words: string; ms: number; answer?: unknown }> {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  return call.then(
    (answer) => ({ code: "answered", words: "", ms: ms(), answer }),
    (error) => ({ code: error.code, words: error.message, ms: ms() }),
  );
}

/** Asks until the store answers on each of its connections; gives the ms that took. */
async function recovery(store: Store): Promise<number> {
  const started = performance.now();
  const calls = [
    () => store.readSession(anId()),
    () => store.hasRole("none"),
    () => store.readChanges({ after: null, limit: 1, waitMs: 0, lease: null }),
  ];
  for (const call of calls) {
    while ((await timed(call())).code !== "answered") await wait(10);
  }
  return performance.now() - started;
}

async function serve(...settings: string[]) {
  const server = await startRedis(...settings);
  onTestFinished(() => server.stop());
  return server;
}

test("killed and started again: nothing is lost, nothing hangs, nobody is told that they are signed out", async () => {
  const server = await serve(...durable);
  const store = await openRedisStore(server.url);
  const { user, session } = await signUp(store);
  await server.kill();
  for (let i = 0; i < 50; i++) {
    const { code, ms } = await timed(store.readSession(session.id));
    expect(code).toBe("cannot_tell");
    expect(ms).toBeLessThan(250);
  }
  const signIn = await timed(store.openSession({ user, session: aSession(), replaces: null, ...unlimited }));
  expect(signIn.code).toBe("cannot_tell");
  expect(signIn.ms).toBeLessThan(50);
  await server.start();
  expect(await recovery(store)).toBeLessThan(2500);
  expect((await store.readSession(session.id)).session).toEqual(session);
  expect(await store.endSession(session.id, "revoked")).toBe(true);
});

test("a server that is stopped answers nothing, and does nothing of it once it goes on", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url);
  const { user, session } = await signUp(store);
  // The server knows all scripts: a name that it does not know would not be carried out anyway.
  const someone = await signUp(store);
  for (const change of changes(someone.user, someone.session, "someone@example.test")) await change(store);
  await store.dropLease("lease");
  server.pause();
  onTestFinished(() => server.resume());
  const attempts = changes(user, session, "ghost@example.test").map((change) => timed(change(store)));
  const check = await timed(store.readSession(session.id));
  expect([check.code, check.ms < 250]).toEqual(["cannot_tell", true]);
  for (const { code, ms } of await Promise.all(attempts)) {
    expect(code).toBe("cannot_tell");
    expect(ms).toBeLessThan(2050);
  }
  // From here on nobody waits any more.
  const later = await timed(store.openSession({ user, session: aSession(), replaces: null, ...unlimited }));
  expect([later.code, later.ms < 50]).toEqual(["cannot_tell", true]);
  await wait(Number(process.env.LATCHKEY_PAUSE ?? 1000));
  server.resume();
  expect(await recovery(store)).toBeLessThan(3000);
  expect(await store.listSessions(user.id)).toEqual([session]);
  expect(await store.findUser({ id: user.id })).toEqual(user);
  expect(await store.findUser({ email: "ghost@example.test" })).toBeUndefined();
  expect((await store.readLeases(null)).leases).toEqual([]);
  expect((await store.listAudit({ limit: 9 })).length).toBe(1);
});

test("whoever sent a step is told that it failed only once it cannot be carried out any more", async () => {
  const server = await serve();
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const store = await openRedisStore(proxy.url);
  const { user, session } = await signUp(store);
  await store.endSession(anId(), "revoked");
  server.pause();
  onTestFinished(() => server.resume());
  const revoked = timed(store.endSession(session.id, "revoked"));
  const read = timed(store.findUser({ id: user.id }));
  await wait(50);
  // What lies in the stopped server's socket stays there.
  proxy.cut();
  const [{ code, ms }, seen] = await Promise.all([revoked, read]);
  expect([code, ms > 1650]).toEqual(["cannot_tell", true]);
  // A read changes nothing: there is nothing to wait for.
  expect([seen.code, seen.ms < 250]).toEqual(["cannot_tell", true]);
  server.resume();
  await recovery(store);
  expect((await store.readSession(session.id)).session).toEqual(session);
});

/** Whatever changes something: sign-in, revocation, ban, sign-up, lease, data, audit log. */
function changes(user: { id: string; epoch: number }, { id }: { id: SessionId }, email: string) {
  return [
    (on: Store) => on.openSession({ user, session: aSession(), replaces: null, ...unlimited }),
    (on: Store) => on.updateSession(id, 0, { changed: true }),
    (on: Store) => on.endSession(id, "revoked"),
    (on: Store) => on.setRoles(user.id, ["admin"]),
    (on: Store) => on.banUser(user.id, { until: null, reason: null }),
    (on: Store) => on.createUser(aUser({ email })),
    (on: Store) => on.readChanges({ after: null, limit: 1, waitMs: 0, lease: lease("lease") }),
    (on: Store) => on.appendAudit({ ...entry, type: "signed_out" }),
  ];
}

const entry = {
  ...{ actorId: null, userId: null, sessionId: null, client: null, ip: null, userAgent: null },
  detail: {},
};

function lease(id: string) {
  return { id, counter: 1, node: "node", duration: 1000, accepts: false };
}

test("a slow server answers no check in time, and steps all the same", async () => {
  const server = await serve();
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const store = await openRedisStore(proxy.url);
  const { user } = await signUp(store);
  proxy.delay(250);
  const check = await timed(store.readSession(anId()));
  expect([check.code, check.ms < 250]).toEqual(["cannot_tell", true]);
  expect((await store.openSession({ user, session: aSession(), replaces: null, ...unlimited })).ok).toBe(
    true,
  );
  proxy.heal();
  expect(await recovery(store)).toBeLessThan(2500);
});

test.each(["to server", "to client", "both ways"] as const)(
  "a half-open connection, silent %s",
  async (which) => {
    const server = await serve();
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const store = await openRedisStore(proxy.url);
    const { user } = await signUp(store);
    await store.endSessions(user.id, "revoked");
    const epoch = async () => (await store.findUser({ id: user.id }))?.epoch ?? 0;
    const once = await epoch();
    proxy.silence(which === "both ways" ? undefined : which);
    const step = timed(store.endSessions(user.id, "revoked"));
    const check = await timed(store.readSession(anId()));
    expect([check.code, check.ms < 250]).toEqual(["cannot_tell", true]);
    // The check's silence has the others looked after.
    await wait(1200);
    const later = await timed(store.findUser({ id: user.id }));
    expect([later.code, later.ms < 50]).toEqual(["cannot_tell", true]);
    const { code, ms } = await step;
    expect([code, ms < 2050]).toEqual(["cannot_tell", true]);
    proxy.heal();
    expect(await recovery(store)).toBeLessThan(4500);
    // What reached the server before it fell silent was done before whoever asked was told.
    expect((await epoch()) > once).toBe(which === "to client");
  },
);

test("connections that are cut are made again, and whoever asks meanwhile waits for them a little", async () => {
  const server = await serve();
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const store = await openRedisStore(proxy.url);
  const { session } = await signUp(store);
  let answered = 0;
  for (let round = 0; round < 20; round++) {
    proxy.cut();
    await wait(2);
    const { code, ms } = await timed(store.readSession(session.id));
    if (code === "answered") answered += 1;
    expect(ms).toBeLessThan(250);
    await recovery(store);
  }
  // Not all: a busy machine may take longer than anybody waits.
  expect(answered).toBeGreaterThan(15);
});

test("emptied, it says so and signs nobody out; given back, it goes on by itself", async () => {
  const server = await serve("--appendonly", "no");
  const prefix = aPrefix();
  const { words, logger } = listen();
  const store = await openRedisStore(server.url, { prefix, logger });
  const { session } = await signUp(store);
  await server.command("SAVE");
  await server.command("FLUSHALL");
  const check = await timed(store.readSession(session.id));
  expect([check.code, check.words]).toEqual(["cannot_tell", expect.stringContaining("was emptied")]);
  expect((await timed(store.createUser(aUser()))).code).toBe("cannot_tell");
  expect((await timed(store.readChanges({ after: null, limit: 1, waitMs: 0, lease: null }))).code).toBe(
    "cannot_tell",
  );
  // Another process that starts now makes a store of its own, and that is not ours either.
  await openRedisStore(server.url, { prefix });
  expect((await timed(store.readSession(session.id))).words).toContain("is another one, of lineage");
  await server.kill();
  await server.start();
  await recovery(store);
  expect((await store.readSession(session.id)).session).toEqual(session);
  expect(words.some((it) => it.startsWith("error: "))).toBe(true);
});

test("an older copy of the database is another life: readers start anew, and make good what it has lost", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url);
  const { user, session } = await signUp(store);
  const look = (after: string | null) =>
    store.readChanges({ after, limit: 99, waitMs: 0, lease: lease("a") });
  const { position: before } = await look(null);
  await store.setRoles(user.id, ["editor"]);
  const { position: saved } = await look(before);
  const { life } = await store.readLeases(null);
  await server.command("SAVE");
  await store.endSession(session.id, "revoked");
  const { position: newest, changes } = await look(saved);
  expect(changes.map(({ change }) => change.kind)).toEqual(["session_ended"]);
  await server.kill();
  await server.start();
  await recovery(store);
  // Another entry stands where the newest one stood.
  await store.setRoles(user.id, ["owner"]);
  const pages = await Promise.all([before, saved, newest].map(look));
  expect(pages.map(({ reset, changes }) => [reset, changes])).toEqual([
    ["moved", []],
    ["moved", []],
    ["lost", []],
  ]);
  const after = await store.readLeases(null);
  expect(after.life).not.toBe(life);
  expect((await store.readSession(session.id)).session?.endedAt).toBeNull();
  expect(await store.restoreChanges(changes.map(({ change }) => change))).toBe(1);
  expect((await store.readSession(session.id)).session?.endReason).toBe("revoked");
  // It is the same store all the same: what it holds is read from its beginning.
  expect((await look(null)).changes.map(({ change }) => change.kind)).toEqual([
    "user_state",
    "user_state",
    "session_ended",
  ]);
});

test("with its memory used up it signs nobody in, checks as before, and takes revocations", async () => {
  const server = await serve("--maxmemory", "12mb", "--maxmemory-policy", "noeviction");
  const store = await openRedisStore(server.url);
  const { user, session } = await signUp(store);
  for (let i = 0; !(await server.command("APPEND", "filler", "x".repeat(100_000))).startsWith("-OOM"); i++)
    expect(i).toBeLessThan(200);
  const signIn = await timed(store.openSession({ user, session: aSession(), replaces: null, ...unlimited }));
  expect([signIn.code, signIn.words]).toEqual(["cannot_tell", expect.stringContaining("maxmemory")]);
  expect((await store.readSession(session.id)).session).toEqual(session);
  expect(await store.endSession(session.id, "revoked")).toBe(true);
  expect((await store.readSession(session.id)).session?.endReason).toBe("revoked");
  expect(await store.banUser(user.id, { until: null, reason: null })).toMatchObject({ ok: true });
  await server.command("DEL", "filler");
  expect(await store.unbanUser(user.id)).toMatchObject({ ok: true });
  const next = await store.findUser({ id: user.id });
  const again = next && { user: next, session: aSession(), replaces: null, ...unlimited };
  expect(again && (await store.openSession(again)).ok).toBe(true);
});

test("with a disk that takes nothing it checks as before", async () => {
  const server = await serve("--save", "3600 1");
  const store = await openRedisStore(server.url);
  const { session } = await signUp(store);
  // A snapshot cannot be written where a folder of its name lies: then Redis takes no writes.
  mkdirSync(`${server.folder}/dump.rdb/in-the-way`, { recursive: true });
  await server.command("BGSAVE");
  const started = performance.now();
  while ((await timed(store.touchSession(session.id, -1))).code === "answered") {
    expect(performance.now() - started).toBeLessThan(5000);
    await wait(20);
  }
  expect((await timed(store.touchSession(session.id, -1))).words).toContain("MISCONF");
  expect((await store.readSession(session.id)).session?.id).toBe(session.id);
});

test("an answer that came in time counts, though this process was too busy to read it", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url);
  const { session } = await signUp(store);
  await store.readSession(session.id);
  for (let round = 0; round < 5; round++) {
    const read = store.readSession(session.id);
    // Sent in this turn, and then nothing is read for longer than a check may take.
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 300;
    while (performance.now() < until);
    expect((await read).session).toEqual(session);
  }
});

test("a server that forgot its scripts is sent them again", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url);
  const { session } = await signUp(store);
  for (let round = 0; round < 3; round++) {
    expect((await store.readSession(session.id)).session).toEqual(session);
    await server.command("SCRIPT", "FLUSH");
    expect(await store.touchSession(session.id, 60_000)).toBe(false);
  }
});

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

test("while it is away nothing is kept for it: memory does not grow", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url);
  const { user } = await signUp(store);
  server.pause();
  onTestFinished(() => server.resume());
  await timed(store.readSession(anId()));
  await wait(2200);
  const measure = async (): Promise<number> => {
    for (let i = 0; i < 100; i++) {
      const calls = Array.from({ length: 200 }, (_, n) => {
        const call = n % 2 === 0 ? store.readSession(anId()) : store.endSessions(user.id, "revoked");
        return call.catch(() => undefined);
      });
      await Promise.all(calls);
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await measure();
  const after = await measure();
  // 20,000 calls more, of about a thousand bytes each if they were kept.
  expect((after - before) / 1e6).toBeLessThan(3);
});
