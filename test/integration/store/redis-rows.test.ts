import { readFileSync } from "node:fs";
import { join } from "node:path";
import { latchkey } from "latchkey";
import { expect, onTestFinished, test } from "vitest";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { aPrefix, openRedisStore } from "../../support/servers/redis-store.ts";
import { aSession, signUp, unlimited } from "./people.ts";

const day = 86_400_000;
const entry = {
  ...{ actorId: null, sessionId: null, client: null, ip: null, userAgent: null, detail: {} },
  type: "signed_in",
} as const;

async function serve(): Promise<RedisServer> {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  return server;
}

const numberIn = (answer: string): number => Number(/-?\d+/.exec(answer)?.[0]);

test("a session's row goes by itself, days after its death, and what forbids something never does", async () => {
  const server = await serve();
  const prefix = aPrefix();
  let now = 1_800_000_000_000;
  const store = await openRedisStore(server.url, { prefix, clock: () => now });
  const { user } = await signUp(store);
  const ttl = async (key: string): Promise<number> =>
    numberIn(await server.command("PTTL", `{${prefix}}:${key}`));
  const session = aSession({ expiresIn: 3600, idleTimeout: 60 });
  await store.openSession({ user, session, replaces: null, ...unlimited });
  const near = (actual: number, expected: number) => expect(Math.abs(actual - expected)).toBeLessThan(60_000);
  near(await ttl(`session:${session.id}`), 60_000 + 3 * day);
  // Use puts the idle limit off, up to the absolute end; the list of the user's sessions outlasts them.
  now += 50_000;
  await store.touchSession(session.id, 0);
  near(await ttl(`session:${session.id}`), 60_000 + 3 * day);
  near(await ttl(`sessions:${user.id}`), 3600_000 + 3 * day);
  now += 5_000;
  await store.endSession(session.id, "revoked");
  near(await ttl(`session:${session.id}`), 3 * day);
  await store.endSessions(user.id, "revoked");
  await store.endEverything();
  for (const key of ["meta", "log", `user:${user.id}`, "users", "emails"]) expect(await ttl(key)).toBe(-1);
});

test("nothing but the log and the counters is left of a user and sessions that are gone", async () => {
  const server = await serve();
  const prefix = aPrefix();
  let now = 1_800_000_000_000;
  const store = await openRedisStore(server.url, { prefix, clock: () => now });
  const names = async (): Promise<string[]> => {
    const keys = (await server.command("KEYS", "*")).match(/\{.*(?=\r)/g) ?? [];
    return keys.map((key) => key.slice(prefix.length + 3)).sort();
  };
  for (let i = 0; i < 20; i++) {
    const { user } = await signUp(store);
    await store.setRoles(user.id, ["admin"]);
    await store.openSession({ user, session: aSession({ idleTimeout: 60 }), replaces: null, ...unlimited });
    now += 30_000;
    if (i % 2 === 0) await store.banUser(user.id, { until: null, reason: null });
    await store.deleteUser(user.id);
  }
  now += 10 * day;
  expect(await store.purgeSessions(2 * day, 1000)).toBe(40);
  expect(await store.purgeSessions(2 * day, 1000)).toBe(0);
  expect(await names()).toEqual(["log", "meta"]);
});

test("purging finds sessions that were used after they were filed, in stretches, and leaves the living", async () => {
  const server = await serve();
  let now = 1_800_000_000_000;
  const store = await openRedisStore(server.url, { clock: () => now });
  const { user } = await signUp(store);
  const ids = Array.from({ length: 400 }, () => aSession({ expiresIn: 40 * 86_400, idleTimeout: 3600 }));
  for (const session of ids) await store.openSession({ user, session, replaces: null, ...unlimited });
  // Used for a day, each within the hour.
  for (let hour = 0; hour < 26; hour++) {
    now += 3_500_000;
    for (const { id } of ids.slice(0, 10)) await store.touchSession(id, 0);
  }
  expect(await store.purgeSessions(0, 1000)).toBe(391);
  expect((await store.listSessions(user.id)).length).toBe(10);
  now += 3_600_001;
  expect(await store.purgeSessions(0, 4)).toBe(4);
  expect(await store.purgeSessions(0, 1000)).toBe(6);
});

test("the audit log keeps as many entries as it is told, about, and what is left is found", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url, { auditEntries: 500 });
  for (let i = 0; i < 2000; i++) await store.appendAudit({ ...entry, userId: i % 100 === 0 ? "ann" : "bob" });
  const all = await store.listAudit({ limit: 5000 });
  expect(all.length).toBeGreaterThanOrEqual(500);
  expect(all.length).toBeLessThan(1000);
  expect(all[0]?.id).toBe(2000);
  const ofAnn = await store.listAudit({ userId: "ann", limit: 5000 });
  expect(ofAnn.map(({ id }) => id)).toEqual([1901, 1801, 1701, 1601, 1501]);
  expect((await store.listAudit({ type: "signed_in", limit: 5000 })).length).toBeGreaterThanOrEqual(500);
});

test("a copy of the database holds nothing that works as a credential", async () => {
  const server = await startRedis("--rdbcompression", "no");
  onTestFinished(() => server.stop());
  const store = await openRedisStore(server.url);
  const clients = {
    plain: { transport: "bearer", strategy: "session" },
    pair: { transport: "bearer", strategy: "jwt-denylist" },
  } as const;
  const auth = latchkey({ secret: "a secret for tests, of more than 32 characters", store, clients });
  const password = "correct horse battery staple";
  const made = await auth.api.signUpEmail({ email: "ann@example.test", password, client: "plain" });
  const again = await auth.api.signInEmail({ email: "ann@example.test", password, client: "pair" });
  const tokens = [made, again].flatMap((it) => (it.ok ? Object.values(it.credentials) : [])).map(String);
  expect(tokens.filter((it) => it.includes(".")).length).toBeGreaterThanOrEqual(3);
  await server.command("SAVE");
  const copy = readFileSync(join(server.folder, "dump.rdb"), "latin1");
  expect([copy.includes("ann@example.test"), copy.includes(password)]).toEqual([true, false]);
  for (const token of tokens.filter((it) => it.includes("."))) {
    // The first part names the session, or says how a JWT is signed; a short one is a number.
    const parts = token.split(".").slice(1);
    for (const part of parts.filter(({ length }) => length > 15))
      expect(copy.includes(part), part).toBe(false);
  }
});

test("text is kept as it is, but for what no store keeps", async () => {
  const server = await serve();
  const store = await openRedisStore(server.url);
  const { user, session } = await signUp(store);
  const name = 'Zoë "Z" \\ O\'Neil / 💶 \u2028 \u007f';
  expect(await store.updateUser(user.id, { name })).toMatchObject({ ok: true, user: { name } });
  expect((await store.findUser({ id: user.id }))?.name).toBe(name);
  expect((await store.listUsers({ search: 'zoë "z" \\ o\'neil / 💶', limit: 9 })).length).toBe(1);
  const odd = await store.setRoles(user.id, ["a/b", 'c"d', "é:{x}"]);
  expect(odd.ok && odd.user.roles).toEqual(["a/b", 'c"d', "é:{x}"]);
  expect([await store.hasRole("é:{x}"), await store.hasRole("a/b")]).toEqual([true, true]);
  expect(await store.updateUser(user.id, { name: "half \ud800" })).toMatchObject({
    user: { name: "half \ufffd" },
  });
  await expect(store.updateUser(user.id, { name: "a\0b" })).rejects.toMatchObject({ code: "invalid_input" });
  const until = Number.MAX_SAFE_INTEGER;
  expect(await store.banUser(user.id, { until, reason: null })).toMatchObject({
    user: { bannedUntil: until },
  });
  expect((await store.findUser({ id: user.id }))?.bannedUntil).toBe(until);
  const data = { n: 0.1 + 0.2, big: 2 ** 53, text: "\0 \ud800", empty: [[], {}] };
  const other = await signUp(store);
  expect(await store.updateSession(other.session.id, 0, data)).toMatchObject({ session: { data } });
  expect((await store.readSession(session.id)).session?.endReason).toBe("banned");
});
