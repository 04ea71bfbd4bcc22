import { setTimeout as sleep } from "node:timers/promises";
import type { Logger, Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { hookedPool, serverError } from "./hooked-pool.ts";
import { outcomeOf } from "./outcome.ts";
import { signUp } from "./people.ts";

let server: PostgresServer;
let pool: pg.Pool;
let store: Store;
let told: string[];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());
beforeEach(() => {
  told = [];
});
afterEach(async () => {
  await store.close();
  await pool.end();
});

async function openOn(given: pg.Pool): Promise<void> {
  const write: Logger["error"] = (_, message) => void told.push(message);
  pool = given;
  store = postgresStore(pool, { logger: { info: write, warn: write, error: write } });
  await store.start();
}

const look = (after: string | null, waitMs = 0) =>
  store.readChanges({ after, limit: 9, waitMs, lease: null });

describe("the application's own pool", () => {
  beforeEach(() =>
    openOn(new pg.Pool({ connectionString: server.url(), max: 4, connectionTimeoutMillis: 5000 })),
  );

  test("is used and not ended; its way of reading types stays as it was", async () => {
    const { session } = await signUp(store);
    await look(null);
    expect((await pool.query("select 1::bigint as n, now() as at")).rows[0]).toMatchObject({
      n: "1",
      at: expect.any(Date),
    });
    expect(session.expiresAt).toBeTypeOf("number");
    await store.close();
    expect((await pool.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
    await expect.poll(() => pool.idleCount === pool.totalCount).toBe(true);
    await expect(store.readSession(session.id)).rejects.toMatchObject({ code: "cannot_tell" });
    expect(told).toEqual([]);
  });

  test("that the application keeps for itself is waited for no longer than the limit, and in no line", async () => {
    const { session } = await signUp(store);
    const taken = await Promise.all([pool.connect(), pool.connect(), pool.connect(), pool.connect()]);
    const checks = await Promise.all(
      Array.from({ length: 100 }, () => outcomeOf(store.readSession(session.id))),
    );
    for (const { code, ms } of checks) {
      expect(code).toBe("cannot_tell");
      expect(ms).toBeLessThan(250);
    }
    expect(pool.waitingCount).toBeLessThanOrEqual(4);
    for (const client of taken) client.release();
    await expect.poll(async () => (await outcomeOf(store.readSession(session.id))).code).toBe("ok");
  });

  test("loses a connection without ending the process", async () => {
    const { session } = await signUp(store);
    for (let i = 0; i < 5; i++) {
      await server.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()",
      );
      expect((await store.readSession(session.id)).session?.id).toBe(session.id);
      expect(await look(null)).toMatchObject({ reset: false });
    }
  });
});

test("a pool without a limit for connecting is told of", async () => {
  await openOn(new pg.Pool({ connectionString: server.url() }));
  expect(told).toEqual([expect.stringContaining("connectionTimeoutMillis")]);
});

test("where notifications do not come through the log is polled, and that is said", async () => {
  // As behind a pooler in transaction mode: whoever listens hears nothing.
  await openOn(hookedPool(server.url(), () => undefined));
  pool.on("connect", (client) => {
    const { emit } = client;
    client.emit = (event: string, ...rest: unknown[]) =>
      event === "notification" ? false : Reflect.apply(emit, client, [event, ...rest]);
  });
  // The connections that were there before hear.
  for (const client of await Promise.all([pool.connect(), pool.connect(), pool.connect()]))
    client.release(true);
  const { position } = await look(null);
  const other = postgresStore(server.url());
  await other.start();
  const waiting = look(position, 5000);
  await sleep(250);
  const asked = performance.now();
  await other.endEverything();
  expect((await waiting).changes).toHaveLength(1);
  expect(performance.now() - asked).toBeLessThan(1000);
  await expect.poll(() => told, { timeout: 3000 }).toEqual([expect.stringContaining("do not come through")]);
  await other.close();
});

test("where they do nobody polls: a change is there at once", async () => {
  let polls = 0;
  await openOn(hookedPool(server.url(), (text) => (polls += Number(text.startsWith("select n, tag from")))));
  await look(null);
  await sleep(100);
  const other = postgresStore(server.url());
  await other.start();
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const { position } = await store.readLeases(null);
    const waiting = look(position, 5000).then(() => performance.now());
    await sleep(20);
    await other.endEverything();
    const asked = performance.now();
    times.push((await waiting) - asked);
  }
  expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(50);
  expect(polls).toBeLessThan(3);
  await other.close();
});

test.each(["26000", "42P05"])(
  "prepared statements that a pooler loses (%s) cost nobody an answer",
  async (code) => {
    let lost = 0;
    const named = new Set<string>();
    await openOn(
      hookedPool(server.url(), (text) => {
        if (!text.includes("left join latchkey_sessions") || named.size > 0) return;
        lost += 1;
        named.add(text);
        throw serverError(code);
      }),
    );
    const { session } = await signUp(store);
    expect((await store.readSession(session.id)).session?.id).toBe(session.id);
    expect(lost).toBe(1);
    const client = await pool.connect();
    const { rows } = await client.query("select name from pg_prepared_statements");
    client.release();
    expect(rows).toEqual([]);
  },
);
