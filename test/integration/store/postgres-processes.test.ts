import type { SessionId, Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { type Child, startPostgresChild } from "./children.ts";
import { signUp } from "./people.ts";

/** LATCHKEY_CHANGES=100000 is the run that the promise was measured by. */
const changes = Number(process.env.LATCHKEY_CHANGES ?? 2000);

let server: PostgresServer;
let database: string;
let store: Store;
let children: Child[];
let databases = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

beforeEach(async () => {
  database = `d${databases++}`;
  await server.sql(`create database ${database}`);
  store = postgresStore(server.url({ database }));
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.kill();
  await store.close();
});

function child(role: string): Child {
  const started = startPostgresChild(role, server.url({ database }));
  children.push(started);
  return started;
}

/** Users without a session, in a database where each signed up with one. */
async function countHalves(): Promise<unknown> {
  const sessions = "select 1 from latchkey_sessions where user_id = latchkey_users.id";
  const text = `select count(*)::int as n from latchkey_users where not exists (${sessions})`;
  return (await server.sql(text, database))[0]?.n;
}

test("processes that start together on a new schema share one database (10 rounds)", async () => {
  const group = [child("start"), child("start"), child("start"), child("start")];
  await Promise.all(group.map((it) => it.heard()));
  for (let round = 0; round < 10; round++) {
    const schema = `Schema "${round}"`;
    for (const it of group) it.tell({ schema });
    const found = (await Promise.all(group.map((it) => it.heard()))) as Started[];
    const [{ life } = { life: "" }] = found;
    expect(life).toMatch(/^[\w-]{22}:\d+:[\dA-F]{8}:\d+:[\w-]{12}$/);
    expect(found.map((it) => it.life)).toEqual(found.map(() => life));
    expect(found.filter(({ added }) => added)).toHaveLength(1);
    const here = postgresStore(server.url({ database }), { schema });
    await here.start();
    for (const { user } of found) expect((await here.findUser({ id: user }))?.id).toBe(user);
    await here.close();
  }
});

interface Started {
  readonly life: string;
  readonly added: boolean;
  readonly user: string;
}

test("a process that is killed while it writes loses nothing that it was told was done", async () => {
  for (let round = 0; round < 5; round++) {
    const writer = child("load");
    const told: { user: string; session: SessionId }[] = [];
    const until = 20 + round * 13;
    while (told.length < until) told.push((await writer.heard()) as (typeof told)[0]);
    await writer.kill();
    const here = postgresStore(server.url({ database }));
    await here.start();
    for (const { user, session } of told) {
      const read = await here.readSession(session);
      expect([read.session?.userId, read.user?.id]).toEqual([user, user]);
    }
    await here.close();
    expect(await countHalves(), "signed up by half").toBe(0);
  }
});

test("a server that is killed while processes write loses nothing that they were told was done", async () => {
  await store.start();
  const writers = [child("load"), child("load")];
  const told: { user: string; session: SessionId }[] = [];
  for (const writer of writers)
    writer.process.on("message", (message) => void told.push(message as (typeof told)[0]));
  for (let round = 1; round <= 3; round++) {
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(round * 100), 20_000);
    await server.kill();
    await server.start();
  }
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(400), 20_000);
  for (const writer of writers) await writer.kill();
  for (const { user, session } of told) expect((await store.readSession(session)).session?.userId).toBe(user);
  expect(await countHalves(), "signed up by half").toBe(0);
});

test("a sign-in in another process cannot slip past a ban", async () => {
  await store.start();
  const { user } = await signUp(store);
  const signers = [child("signIn"), child("signIn")];
  await Promise.all(signers.map((it) => it.heard()));
  for (const it of signers) it.tell({ id: user.id, epoch: user.epoch });
  await vi.waitFor(
    async () => expect((await store.listSessions(user.id)).length).toBeGreaterThan(20),
    10_000,
  );
  const banned = await store.banUser(user.id, { until: null, reason: null });
  expect(await store.listSessions(user.id)).toEqual([]);
  const answers = (await Promise.all(signers.map((it) => it.heard()))) as {
    opened: SessionId[];
    code: string;
  }[];
  expect(answers.map(({ code }) => code)).toEqual(["user_banned", "user_banned"]);
  const opened = answers.flatMap((it) => it.opened);
  expect(opened.length).toBeGreaterThan(19);
  expect(banned).toMatchObject({ ok: true, ended: opened.length + 1 });
  for (const id of opened) expect((await store.readSession(id)).session?.endReason).toBe("banned");
});

test("a process that was stopped in the middle of a step holds others up for two seconds at most", async () => {
  await store.start();
  const { user } = await signUp(store);
  const stopped = child("stop");
  await stopped.heard();
  stopped.tell({ id: user.id, epoch: user.epoch });
  const holding =
    "select 1 from pg_stat_activity where state = 'idle in transaction' and datname = current_database()";
  await vi.waitFor(async () => expect(await server.sql(holding, database)).toHaveLength(1), {
    timeout: 10_000,
    interval: 10,
  });
  const started = performance.now();
  await vi.waitFor(() => store.banUser(user.id, { until: null, reason: null }), 10_000);
  expect(performance.now() - started).toBeGreaterThan(500);
  expect(performance.now() - started).toBeLessThan(4500);
});

test("what was answered is on the disk, whatever the role's default is", async () => {
  await server.sql(
    `create role hasty_${database} login superuser; alter role hasty_${database} set synchronous_commit = off`,
  );
  const hasty = postgresStore(server.url({ database, user: `hasty_${database}` }));
  await hasty.start();
  for (let round = 0; round < 3; round++) {
    const { session } = await vi.waitFor(() => signUp(hasty), { timeout: 10_000, interval: 50 });
    await server.kill();
    await server.start();
    const text = `select id from latchkey_sessions where id = '${session.id}'`;
    expect(await server.sql(text, database)).toHaveLength(1);
  }
  await hasty.close();
});

test(`eight processes add ${changes} changes, and three see each of them once and in one order`, {
  timeout: 1_800_000,
}, async () => {
  const writers = Array.from({ length: 8 }, () => child("append"));
  const readers = Array.from({ length: 3 }, () => child("follow"));
  await Promise.all([...writers, ...readers].map((it) => it.heard()));
  const started = performance.now();
  const each = changes / writers.length;
  for (const it of readers) it.tell({ count: changes });
  for (const [i, it] of writers.entries()) it.tell({ count: each, name: i });
  const [first, ...others] = (await Promise.all(readers.map((it) => it.heard()))) as { seen: string[] }[];
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${changes} changes in ${seconds.toFixed(1)} s, ${(changes / seconds).toFixed(0)}/s\n`,
  );
  const wanted = writers.flatMap((_, i) => Array.from({ length: each }, (_, n) => `${i}-${n}`));
  expect(first?.seen.toSorted()).toEqual(wanted.toSorted());
  for (const { seen } of others) expect(seen).toEqual(first?.seen);
});
