import { existsSync, statSync } from "node:fs";
import type { SessionId, Store } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Child, startChild } from "./children.ts";
import { makeFolder } from "./folder.ts";
import { signUp } from "./people.ts";

/** Asks again, as a client would, while the store cannot tell. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: unknown }).code !== "cannot_tell") throw error;
    }
  }
}

let folder: ReturnType<typeof makeFolder>;
let store: Store;
let children: Child[];

beforeEach(() => {
  folder = makeFolder();
  store = sqliteStore(folder.file);
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.kill();
  await store.close();
  folder.remove();
});

function child(role: string): Child {
  const started = startChild(role, folder.file);
  children.push(started);
  return started;
}

/** Users without a session, in a file where each signed up with one. */
function countHalves(): unknown {
  const database = new Database(folder.file);
  const sessions = "select 1 from latchkey_sessions where user_id = latchkey_users.id";
  const sql = `select count(*) as n from latchkey_users where not exists (${sessions})`;
  const [row] = database.prepare(sql).all() as { n: unknown }[];
  return row?.n;
}

test("two processes that start together on a new file share one database (20 rounds)", async () => {
  const pair = [child("start"), child("start")];
  await Promise.all(pair.map((it) => it.heard()));
  for (let round = 0; round < 20; round++) {
    const name = `${folder.file}.${round}`;
    for (const it of pair) it.tell({ name });
    const [a, b] = (await Promise.all(pair.map((it) => it.heard()))) as Started[];
    expect(a?.lineage).toMatch(/^[\w-]{22}$/);
    expect(b?.lineage).toBe(a?.lineage);
    expect([a?.added, b?.added].sort()).toEqual([false, true]);
    const here = sqliteStore(name);
    await here.start();
    for (const it of [a, b]) expect((await here.findUser({ id: it?.user ?? "" }))?.id).toBe(it?.user);
    await here.close();
  }
});

interface Started {
  readonly lineage: string;
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
    const here = sqliteStore(folder.file);
    await here.start();
    for (const { user, session } of told) {
      const read = await here.readSession(session);
      expect([read.session?.userId, read.user?.id]).toEqual([user, user]);
    }
    await here.close();
    expect(countHalves(), "signed up by half").toBe(0);
  }
});

test("where the disk is full writes cannot tell, reads go on, and nothing half is left", async () => {
  const filler = startChild("fill", folder.file, 600);
  children.push(filler);
  const { told, again, read } = (await filler.heard()) as Filled;
  expect({ again, read }).toEqual({ again: "cannot_tell", read: told[0]?.session });
  await store.start();
  for (const { user, session } of told) {
    expect((await store.readSession(session)).session?.userId).toBe(user);
  }
  expect(countHalves(), "signed up by half").toBe(0);
  await signUp(store);
});

interface Filled {
  readonly told: readonly { readonly user: string; readonly session: SessionId }[];
  readonly again: string;
  readonly read: SessionId;
}

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
  const banned = await patiently(() => store.banUser(user.id, { until: null, reason: null }));
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

test("no update is lost between processes", async () => {
  await store.start();
  const { session } = await signUp(store);
  const counters = [child("count"), child("count")];
  await Promise.all(counters.map((it) => it.heard()));
  for (const it of counters) it.tell({ session: session.id, times: 200 });
  await Promise.all(counters.map((it) => it.heard()));
  expect((await store.readSession(session.id)).session).toMatchObject({ data: { count: 400 }, version: 400 });
});

test("what another process ends is seen by the next read", async () => {
  const second = sqliteStore(folder.file);
  await Promise.all([store.start(), second.start()]);
  const { session } = await signUp(store);
  for (let i = 0; i < 50; i++) {
    const { session } = await signUp(store);
    await second.endSession(session.id, "revoked");
    expect((await store.readSession(session.id)).session?.endReason).toBe("revoked");
  }
  expect((await second.readSession(session.id)).session?.endedAt).toBeNull();
  await second.close();
});

test("a database in use grows through checkpoints, is vacuumed and cut, and all go on", async () => {
  const second = sqliteStore(folder.file);
  await Promise.all([store.start(), second.start()]);
  const { session } = await signUp(store);
  const sizes = [statSync(folder.file).size];
  let version = 0;
  const write = async (data: object) => {
    expect(await store.updateSession(session.id, version++, { ...data })).toMatchObject({ ok: true });
    for (const it of [store, second])
      expect((await it.readSession(session.id)).session?.version).toBe(version);
  };
  for (let i = 0; i < 60; i++) await write({ filler: "x".repeat(100_000 + i * 5000) });
  sizes.push(statSync(folder.file).size);
  await write({});
  const operator = child("run");
  await operator.heard();
  operator.tell({ statements: ["vacuum", "pragma wal_checkpoint(truncate)"] });
  expect(await operator.heard()).toBe("done");
  sizes.push(statSync(folder.file).size);
  for (let i = 0; i < 3; i++) await write({ i });
  const [small = 0, large = 0, cut = 0] = sizes;
  expect([large > small, cut < large], `grown and cut: ${sizes}`).toEqual([true, true]);
  await second.close();
});

test("another database that is restored through SQLite is not taken for this one", async () => {
  await store.start();
  const { session } = await signUp(store);
  const operator = child("run");
  await operator.heard();
  operator.tell({ statements: ["update latchkey_meta set lineage = 'another', global_epoch = 0"] });
  await operator.heard();
  const cannotTell = { code: "cannot_tell", message: expect.stringContaining("of lineage another") };
  await expect(store.readSession(session.id)).rejects.toMatchObject(cannotTell);
  await expect(store.endSession(session.id, "revoked")).rejects.toMatchObject(cannotTell);
});

test("the file and its companions are the owner's alone, in a folder that is made", async () => {
  const file = `${folder.file}.d/deeper/app.db`;
  const here = sqliteStore(file);
  expect(existsSync(`${folder.file}.d`), "before the start").toBe(false);
  await here.start();
  for (const end of ["", "-wal", "-shm"]) expect(statSync(file + end).mode & 0o777).toBe(0o600);
  await here.close();
});
