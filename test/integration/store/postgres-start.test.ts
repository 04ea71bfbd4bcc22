import type { Logger } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { SessionId, Store } from "../../../packages/latchkey/src/types.ts";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { madeAt, rows, statements } from "./first-version.ts";
import { signUp } from "./people.ts";

let server: PostgresServer;
let database: string;
let databases = 0;

beforeAll(async () => {
  server = await startPostgres({ hba: ["host all guarded 127.0.0.1/32 scram-sha-256"] });
  await server.sql(
    "create role guarded login password 'right'; create role app login; create role reader login",
  );
});
afterAll(() => server.remove());
beforeEach(async () => {
  database = `d${databases++}`;
  await server.sql(`create database ${database}`);
});

function open(
  wanted: { user?: string; password?: string; database?: string; port?: number } = {},
  options: Parameters<typeof postgresStore>[1] = {},
): Store {
  const store = postgresStore(server.url({ database, ...wanted }), options);
  onTestFinished(() => store.close());
  return store;
}

describe("what keeps a store from starting is said in words that help", () => {
  test.each<[string, Parameters<typeof open>[0], RegExp]>([
    [
      "nothing listens",
      { port: 1 },
      /^the database 127\.0\.0\.1:1\/d\d+ cannot .*ECONNREFUSED.*is the server running/,
    ],
    ["no such database", { database: "nowhere" }, /3D000.*no such database: make it with createdb/],
    ["a wrong password", { user: "guarded", password: "wrong" }, /28P01.*the password was refused/],
    ["no such role", { user: "nobody" }, /28000.*role/],
    [
      "a role that may not make tables",
      { user: "app" },
      /42501.*permission denied.*docs\/stores\/postgres\.md/,
    ],
  ])("%s", async (_, wanted, words) => {
    const error = await open(wanted)
      .start()
      .catch((it: unknown) => it);
    expect(error).toMatchObject({ code: "cannot_tell", message: expect.stringMatching(words) });
    expect(JSON.stringify(error)).not.toContain("wrong");
  });

  test("a database that cannot hold every text", async () => {
    await server.sql("create database ascii encoding 'SQL_ASCII' template template0");
    await expect(open({ database: "ascii" }).start()).rejects.toThrow(/SQL_ASCII: make one with.*'UTF8'/);
  });

  test("a database of a newer release, which is left alone", async () => {
    const first = open();
    await first.start();
    await first.close();
    await server.sql("insert into latchkey_schema (version) values (999)", database);
    await expect(open().start()).rejects.toMatchObject({
      code: "misuse",
      message: expect.stringMatching(/version 999.*newer release/),
    });
  });

  test.each(["mysql://localhost/x", "", "app.db"])("%j is no address of a Postgres", (url) => {
    expect(() => postgresStore(url)).toThrow(/postgres:\/\/user:password@host:5432\/database/);
  });

  test("a pool too small to follow the log beside the work", () => {
    expect(() => postgresStore({ connectionString: server.url(), max: 2 })).toThrow(/at least 3/);
  });
});

test("a start that failed may be tried again", async () => {
  const store = open({ user: "app" });
  await expect(store.start()).rejects.toMatchObject({ code: "cannot_tell" });
  await expect(store.hasRole("x")).rejects.toMatchObject({ code: "cannot_tell" });
  await server.sql("grant create on schema public to app", database);
  await store.start();
  expect(await store.hasRole("x")).toBe(false);
});

test("a role without rights beyond the rows of the tables does all the work", async () => {
  const maker = open();
  await maker.start();
  await maker.close();
  await server.sql("grant select, insert, update, delete on all tables in schema public to app", database);
  const told: string[] = [];
  const write: Logger["error"] = (_, message) => void told.push(message);
  const store = open({ user: "app" }, { logger: { info: write, warn: write, error: write } });
  await store.start();
  const { user, session } = await signUp(store);
  await store.setRoles(user.id, ["a"]);
  await store.endEverything();
  const lease = { id: "a", counter: 1, node: "a", duration: 1000, accepts: false };
  const page = await store.readChanges({ after: null, limit: 9, waitMs: 0, lease });
  expect(page.position).toMatch(/^[\w-]{22}:\d{19}:00000001:\d+\.2\./);
  expect((await store.readSession(session.id)).globalEpoch).toBeGreaterThan(0);
  await store.purgeSessions(0, 10);
  await store.trimChanges(0, 10);
  expect(told).toEqual([]);
});

test("an answer comes from the server's clock", async () => {
  const store = open();
  await store.start();
  const { session, user } = await signUp(store);
  const [row] = await server.sql("select extract(epoch from clock_timestamp()) * 1000 as now");
  for (const time of [session.rotatedAt, user.createdAt, (await store.readSession(session.id)).now]) {
    expect(Number.isInteger(time)).toBe(true);
    expect(Math.abs(time - Number(row?.now))).toBeLessThan(2000);
  }
});

test("stores in schemas of one database do not see each other", async () => {
  const [one, other, plain] = [open({}, { schema: "one" }), open({}, { schema: 'It\'s "other"' }), open()];
  for (const store of [one, other, plain]) await store.start();
  const { user, session } = await signUp(one);
  expect((await other.readSession(session.id)).session).toBeUndefined();
  expect(await plain.findUser({ id: user.id })).toBeUndefined();
  await one.endEverything();
  expect((await other.readChanges({ after: null, limit: 9, waitMs: 0, lease: null })).changes).toEqual([]);
  const tables =
    "select distinct table_schema from information_schema.tables where table_name like 'latchkey%'";
  const found = (await server.sql(tables, database)).map(({ table_schema }) => table_schema);
  expect(found.toSorted()).toEqual(['It\'s "other"', "one", "public"]);
});

describe("a database of version 1", () => {
  const clock = () => madeAt + 1000;
  beforeEach(async () => {
    await server.sql([...statements, ...rows].join(";"), database);
  });

  test("comes through with all that is in it, and works on", async () => {
    const store = open({}, { clock });
    await store.start();
    const read = await store.readSession("live" as SessionId);
    expect(read).toMatchObject({
      session: {
        id: "live",
        userId: "ann",
        data: { cart: [1] },
        userEpoch: 2,
        version: 4,
        rotatedAt: madeAt,
      },
      user: { id: "ann", name: "Änn_Ö", roles: ["admin", "editor"], epoch: 2, passwordHash: "$hash" },
      ...{ globalEpoch: 1, keysVersion: 2, now: clock() },
    });
    expect((await store.listKeys()).keys.map(({ id }) => id)).toEqual(["k1", "k2"]);
    expect((await store.listUsers({ search: "ÄNN", limit: 9 })).map(({ id }) => id)).toEqual(["ann"]);
    expect(await store.setRoles("ann", [], { keepOneOf: ["admin"] })).toMatchObject({ ok: false });
    expect(await store.endSession("live" as SessionId, "revoked")).toBe(true);
  });

  test("is brought up to date once by several who start together", async () => {
    const stores = Array.from({ length: 4 }, () => open({}, { clock }));
    await Promise.all(stores.map((store) => store.start()));
    for (const store of stores) expect((await store.listKeys()).keysVersion).toBe(2);
    expect(await server.sql("select version from latchkey_schema order by version", database)).toEqual([
      { version: "1" },
      { version: "2" },
      { version: "3" },
      { version: "4" },
      { version: "5" },
    ]);
  });
});

test("tables that another release has changed meanwhile cost nobody an answer", async () => {
  const store = open();
  await store.start();
  const { user, session } = await signUp(store);
  // Until every connection has prepared what it is asked.
  const ask = () => Promise.all(Array.from({ length: 20 }, () => store.listSessions(user.id)));
  for (let i = 0; i < 10; i++) await ask();
  await server.sql("alter table latchkey_sessions add column later text", database);
  for (const sessions of await ask()) expect(sessions.map(({ id }) => id)).toEqual([session.id]);
});

test.each(["on", "off"])(
  "whatever text is put into the logs comes out of them (standard strings %s)",
  async (standard) => {
    const user = `role_${database}`;
    const settings = `alter role ${user} set standard_conforming_strings = ${standard}`;
    await server.sql(`create role ${user} login superuser; ${settings}`);
    const store = open({ user });
    await store.start();
    const texts = [
      "'; drop table latchkey_audit; --",
      "\\'\\\\",
      "$$ $1 %s",
      'a"b',
      "\n\r\t\x01",
      "Ünï — 漢字 🗝",
      "",
    ];
    for (const text of texts) {
      const made = await store.createUser({
        id: text,
        email: null,
        name: text,
        roles: [text],
        passwordHash: null,
      });
      const origin = { actorId: text, userId: text, sessionId: text as SessionId, client: text, ip: text };
      const audit = { type: "roles_changed", ...origin, userAgent: text, detail: { [text]: text } } as const;
      expect(made).toMatchObject({ ok: true, user: { id: text, name: text, roles: [text] } });
      await store.setRoles(text, [text, "more"], { audit });
      expect(await store.listAudit({ limit: 1 })).toMatchObject([audit]);
    }
    const { changes } = await store.readChanges({ after: null, limit: 99, waitMs: 0, lease: null });
    expect(changes.map(({ change }) => "roles" in change && change.roles)).toEqual(
      texts.map((it) => [it, "more"]),
    );
  },
);

test("text compares by its bytes, whatever the database's collation", async () => {
  const store = open();
  await store.start();
  const others = `select table_name, column_name from information_schema.columns
    where table_name like 'latchkey%' and data_type = 'text' and collation_name is distinct from 'C'`;
  expect(await server.sql(others, database)).toEqual([]);
});
