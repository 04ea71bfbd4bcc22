import { postgresStore } from "latchkey/postgres";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RefreshSession, Store } from "../../../packages/latchkey/src/types.ts";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { hookedPool, serverError } from "./hooked-pool.ts";
import { aSession, aUser, signUp, unlimited } from "./people.ts";

/**
 * Others may write between the statements of a step, which they cannot in SQLite. Here they do, at the worst moment: the
 * store under test holds its breath before a statement, and another one does what it does.
 */
let server: PostgresServer;
let databases = 0;
let pool: pg.Pool;
let store: Store;
let other: Store;
/** Before the first statement with such a text something else happens, once. */
let before: { readonly text: RegExp; readonly act: () => unknown } | undefined;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

beforeEach(async () => {
  const database = `d${databases++}`;
  await server.sql(`create database ${database}`);
  const url = server.url({ database });
  before = undefined;
  pool = hookedPool(url, async (text) => {
    if (before === undefined || !before.text.test(text)) return;
    const { act } = before;
    before = undefined;
    await act();
  });
  [store, other] = [postgresStore(pool), postgresStore(url)];
  await store.start();
  await other.start();
});
afterEach(async () => {
  await Promise.all([store.close(), other.close()]);
  await pool.end();
});

const lease = { id: "reader", counter: 1, node: "here", duration: 2450, accepts: false };
const read = (on: Store, after: string | null, wanted = {}) =>
  on.readChanges({ after, limit: 100, waitMs: 0, lease: null, ...wanted });

function refreshOf(id: RefreshSession["id"]): RefreshSession {
  const audit = { actorId: null, userId: null, sessionId: id, client: "web", ip: null, userAgent: null };
  const entry = { ...audit, type: "refresh_reused", detail: {} } as const;
  return { id, generation: 0, epoch: 0, client: "web", grace: 0, rotationKey: null, audit: entry };
}

test("a lease is seen by everybody before its reader looks at the log (P16)", async () => {
  let seen: unknown;
  before = {
    text: /from "latchkey_meta" as "m".*latchkey_changes/s,
    act: async () => {
      seen = (await other.readLeases(null)).leases.map(({ id }) => id);
    },
  };
  await read(store, null, { lease });
  expect(seen).toEqual(["reader"]);
});

test.each([
  /select "n" from "latchkey_change_head"/,
  /select "n" from "latchkey_changes" order/,
  /select "n" from "latchkey_changes" where "at"/,
  /delete from "latchkey_changes"/,
])("what is added while the log is trimmed is not taken for old (before %s)", async (text) => {
  for (let i = 0; i < 2; i++) await other.endEverything();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const added: number[] = [];
  before = {
    text,
    act: async () => {
      for (let i = 0; i < 3; i++) {
        await other.endEverything();
        added.push((await other.readSession("nobody" as RefreshSession["id"])).globalEpoch);
      }
    },
  };
  await store.trimChanges(20, 100);
  expect(before).toBeUndefined();
  const epochs = (await read(other, null)).changes.map(({ change }) => "epoch" in change && change.epoch);
  expect(epochs.slice(-3)).toEqual(added);
});

test("a refresh whose session was left behind meanwhile is told that it ended", async () => {
  const { session } = await signUp(store);
  before = { text: /update "latchkey_sessions"/, act: () => other.endEverything() };
  expect(await store.refreshSession(refreshOf(session.id))).toEqual({ ok: false, code: "session_ended" });
});

test("an address that somebody takes while it is being freed is freed again", async () => {
  const email = "ann@example.test";
  const external = { id: "ext", email, name: null, roles: [], status: "active" } as const;
  before = { text: /insert into "latchkey_users"/, act: () => other.createUser(aUser({ id: "bob", email })) };
  expect(await store.syncUser(external)).toMatchObject({ ok: true, user: { id: "ext", email } });
  expect((await store.findUser({ id: "ext" }))?.email).toBe(email);
  expect((await store.findUser({ id: "bob" }))?.email).toBeNull();
  // The same where the record is there already, and only its address is new.
  const again = { ...external, email: "new@example.test" };
  before = {
    text: /update "latchkey_users"/,
    act: () => other.createUser(aUser({ id: "eve", email: again.email })),
  };
  expect(await store.syncUser(again)).toMatchObject({ ok: true, user: { email: again.email } });
  expect((await store.findUser({ id: "eve" }))?.email).toBeNull();
});

test("a session that somebody else ends while it is to make room is not said to be evicted", async () => {
  const { user, session } = await signUp(store);
  before = { text: /update "latchkey_sessions"/, act: () => other.endSession(session.id, "signed_out") };
  const limit = { max: 1, onLimit: "evict" } as const;
  const opened = await store.openSession({ user, session: aSession(), replaces: null, limit, audit: null });
  expect(opened).toMatchObject({ ok: true, evicted: [] });
  expect((await store.readSession(session.id)).session?.endReason).toBe("signed_out");
});

test.each(["40P01", "40001"])("a step that the server gave up for others (%s) is done once", async (code) => {
  const { user } = await signUp(store);
  const wanted = aSession();
  before = {
    text: /insert into "latchkey_sessions"/,
    act: () => {
      throw serverError(code);
    },
  };
  const opened = await store.openSession({ user, session: wanted, replaces: null, ...unlimited });
  expect(opened).toMatchObject({ ok: true, session: { id: wanted.id } });
  expect(await store.listSessions(user.id)).toHaveLength(2);
});

test("what fails in the end is undone, and cannot tell", async () => {
  const { user } = await signUp(store);
  before = {
    text: /insert into latchkey_audit/,
    act: () => {
      throw serverError("XX000");
    },
  };
  const audit = { type: "signed_in", actorId: null, userId: user.id, sessionId: null } as const;
  const entry = { ...audit, client: null, ip: null, userAgent: null, detail: {} };
  const input = { user, session: aSession(), replaces: null, limit: null, audit: entry };
  await expect(store.openSession(input)).rejects.toMatchObject({ code: "cannot_tell" });
  expect(await store.listSessions(user.id)).toHaveLength(1);
  expect(await store.listAudit({ limit: 9 })).toEqual([]);
});

test("steps that touch the same users and sessions in every order never wait for each other in a circle", async () => {
  const people = await Promise.all([signUp(store), signUp(store), signUp(store)]);
  for (let round = 0; round < 40; round++) {
    const fresh = await Promise.all(
      people.map(async ({ user }) => {
        await other.unbanUser(user.id);
        const current = await other.findUser({ id: user.id });
        const input = { user: current ?? user, session: aSession(), replaces: null, ...unlimited };
        const opened = await other.openSession(input);
        if (!opened.ok || opened.session === null) throw new Error("not opened");
        return opened.session;
      }),
    );
    const restored = fresh.flatMap(({ id, userId }) => [
      { kind: "session_ended", sessionId: id, userId } as const,
      { kind: "user_epoch", userId, epoch: round * 2 } as const,
    ]);
    const [first, ...rest] = people;
    const guarded = { keepOneOf: ["admin"] };
    await Promise.all([
      store.restoreChanges(restored),
      other.restoreChanges(restored.toReversed()),
      ...rest.map(({ user }) => store.banUser(user.id, { until: null, reason: null }, guarded)),
      ...fresh.map(({ id }) => other.refreshSession(refreshOf(id))),
      ...fresh.map(({ id }) => store.endSession(id, "revoked")),
      other.endSessions(first?.user.id ?? "", "revoked"),
      store.syncUser({
        id: `x${round}`,
        email: first?.user.email ?? null,
        name: null,
        roles: [],
        status: "active",
      }),
      other.endEverything(),
    ]);
    await other.syncUser({ ...aUser({ id: first?.user.id ?? "" }), status: "active" });
  }
  expect(server.log()).not.toContain("deadlock detected");
});

test("a session that somebody else is about to purge is passed over, and not waited for", async () => {
  const { session } = await signUp(store);
  await other.endSession(session.id, "signed_out");
  await new Promise((resolve) => setTimeout(resolve, 30));
  const holder = await pool.connect();
  await holder.query("begin");
  await holder.query(`select id from latchkey_sessions where id = '${session.id}' for update`);
  const passed = await other.purgeSessions(10, 100).catch((error: unknown) => error);
  await holder.query("rollback");
  holder.release();
  expect(passed).toBe(0);
  expect(await other.purgeSessions(10, 100)).toBe(1);
});

test("another database at the same address answers nothing, not even that there is no such session", async () => {
  const { session } = await signUp(store);
  await server.sql("update latchkey_meta set lineage = 'another'", `d${databases - 1}`);
  const calls = [
    () => store.readSession(session.id),
    () => store.endSession(session.id, "revoked"),
    () => store.findUser({ id: session.userId }),
    () => read(store, null),
    () => store.readLeases(null),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "cannot_tell" });
});
