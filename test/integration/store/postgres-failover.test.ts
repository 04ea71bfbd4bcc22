import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startProxy, type TcpProxy } from "../../support/net/proxy.ts";
import { dump, type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { outcomeOf } from "./outcome.ts";
import { signUp } from "./people.ts";

const lease = { id: "reader", node: "here", duration: 2450, accepts: false };

function look(store: Store, after: string | null, counter?: number) {
  const renewal = counter === undefined ? null : { ...lease, counter };
  return store.readChanges({ after, limit: 100, waitMs: 0, lease: renewal });
}

describe("a primary with a standby, behind one address", () => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  let address: TcpProxy;
  let store: Store;

  beforeEach(async () => {
    primary = await startPostgres();
    standby = await startPostgres({ standbyOf: primary });
    address = await startProxy(primary.port);
    store = postgresStore(primary.url({ port: address.port }));
    await store.start();
  });
  afterEach(async () => {
    await store.close();
    await address.close();
    await standby.remove();
    await primary.remove();
  });

  /** Until the standby has all that the primary has written. */
  async function caughtUp(): Promise<void> {
    const [row] = await primary.sql("select pg_current_wal_lsn() as lsn");
    const text = `select pg_last_wal_replay_lsn() >= '${row?.lsn}' as done`;
    await vi.waitFor(async () => expect((await standby.sql(text))[0]?.done).toBe(true), 10_000);
  }

  /** The address leads to the standby from now on, and the primary is gone. */
  async function moveOver(): Promise<void> {
    await caughtUp();
    await primary.kill();
    address.lead(standby.port);
    address.reset();
  }

  test("a standby answers nothing: not a check, not a read of the log, not a list", async () => {
    const { user, session } = await signUp(store);
    const { position } = await look(store, null, 1);
    await moveOver();
    for (let i = 0; i < 10; i++) {
      const calls = [
        store.readSession(session.id),
        store.findUser({ id: user.id }),
        store.listKeys(),
        store.endSession(session.id, "revoked"),
        look(store, position),
        look(store, position, 2 + i),
        store.readLeases(null),
      ];
      const codes = (await Promise.all(calls.map(outcomeOf))).map(({ code }) => code);
      expect(new Set(codes)).toEqual(new Set(["cannot_tell"]));
      await sleep(100);
    }
    const other = postgresStore(standby.url());
    await expect(other.start()).rejects.toThrow(/standby: give the address of the primary/);
    await other.close();
  });

  test("nor does it where some connections lead to it and others to the primary, which is well", async () => {
    const { session } = await signUp(store);
    await caughtUp();
    await standby.sql("select pg_wal_replay_pause()");
    // What is connected stays so; whoever needs one connection more gets it from the standby.
    address.lead(standby.port);
    expect(await store.endSession(session.id, "revoked")).toBe(true);
    for (let round = 0; round < 20; round++) {
      const all = Array.from({ length: 40 }, () => store.readSession(session.id));
      const answers = (await Promise.allSettled(all)).flatMap((it) =>
        it.status === "fulfilled" ? [it.value.session?.endReason] : [],
      );
      expect(answers.filter((reason) => reason !== "revoked")).toEqual([]);
    }
    // Otherwise nobody has asked it for anything.
    const asked = await standby.sql(
      "select count(*)::int as n from pg_stat_database where xact_commit + xact_rollback > 20",
    );
    expect(asked[0]?.n).toBeGreaterThan(0);
  });

  test("once it is promoted it answers, and whoever reads the log starts anew", async () => {
    const { session } = await signUp(store);
    await store.endEverything();
    const { position } = await look(store, null, 1);
    const before = await store.readLeases(null);
    expect(before.leases).toMatchObject([{ id: "reader", reached: false }]);
    await moveOver();
    await standby.sql("select pg_promote()");
    await vi.waitFor(async () => expect((await store.readSession(session.id)).session?.id).toBe(session.id), {
      timeout: 10_000,
      interval: 20,
    });
    // The entries are the same, to the last mark, and yet it is another life: what was lost on the way nobody knows.
    const page = await look(store, position, 2);
    expect(page).toMatchObject({ reset: "moved", changes: [], atHead: false });
    expect(page.position).not.toBe(position);
    expect(page.position.split(".").slice(1)).toEqual(position.split(".").slice(1));
    const after = await store.readLeases(null);
    expect(after.life).not.toBe(before.life);
    // It came with a place of the life before, and acknowledges nothing.
    expect(after.leases).toMatchObject([{ id: "reader", counter: 2, reached: false }]);
    expect(await look(store, null)).toMatchObject({ changes: [{ change: { kind: "global_epoch" } }] });
    await store.endEverything();
    expect(await look(store, page.position)).toMatchObject({ reset: false, changes: [{}] });
  });
});

describe("one server", () => {
  let server: PostgresServer;
  let store: Store;
  beforeEach(async () => {
    server = await startPostgres({ durable: true });
    store = postgresStore(server.url());
    await store.start();
  });
  afterEach(async () => {
    await store.close();
    await server.remove();
  });

  /** Ends one process of the server's, for which it ends all others. */
  async function crash(): Promise<void> {
    const crashes = (): number => server.log().split("server processes terminated; reinitializing").length;
    const [row] = await server.sql(
      "select pid from pg_stat_activity where application_name = 'latchkey' limit 1",
    );
    const before = crashes();
    process.kill(Number(row?.pid), "SIGKILL");
    await vi.waitFor(() => expect(crashes()).toBeGreaterThan(before), 10_000);
  }

  test("after a crash the log goes on, and leases are known to be lost", async () => {
    await store.endEverything();
    const { position } = await look(store, null, 1);
    const before = await store.readLeases(null);
    expect(before.leases).toHaveLength(1);
    await crash();
    await vi.waitFor(async () => expect((await outcomeOf(store.readLeases(null))).code).toBe("ok"), 10_000);
    const between = await store.readLeases(null);
    expect([between.leases, between.life === before.life]).toEqual([[], false]);
    expect(await look(store, position, 2)).toMatchObject({ reset: false, changes: [], atHead: true });
    const after = await store.readLeases(null);
    expect(after.leases).toMatchObject([{ reached: true }]);
    expect(after.life).not.toBe(before.life);
  });

  test("each crash is told from the next also by those who ask and follow nothing", async () => {
    const lives = [(await store.readLeases(null)).life];
    for (let crashes = 0; crashes < 2; crashes++) {
      await crash();
      await vi.waitFor(async () => expect((await outcomeOf(store.readLeases(null))).code).toBe("ok"), 10_000);
      lives.push((await store.readLeases(null)).life, (await store.readLeases(null)).life);
    }
    expect(new Set(lives).size, lives.join(", ")).toBe(3);
  });

  test("a dump that is read in again is another life, though every mark of it is the same", async () => {
    await store.endEverything();
    const { position } = await look(store, null, 1);
    const before = await store.readLeases(null);
    const text = dump(server, "postgres");
    expect(await look(store, position)).toMatchObject({ reset: false });
    await server.sql(text);
    await vi.waitFor(async () => expect((await outcomeOf(store.readLeases(null))).code).toBe("ok"), 10_000);
    expect(await look(store, position, 2)).toMatchObject({ reset: "moved", changes: [] });
    expect((await store.readLeases(null)).life).not.toBe(before.life);
  });

  test("after an orderly restart leases are still there", async () => {
    await look(store, null, 1);
    const before = await store.readLeases(null);
    await server.halt();
    await server.start();
    await vi.waitFor(async () => expect((await outcomeOf(store.readLeases(null))).code).toBe("ok"), 10_000);
    const aged = ({ leases, ...rest }: typeof before) => ({
      ...rest,
      leases: leases.map((one) => ({ ...one, age: 0 })),
    });
    expect(aged(await store.readLeases(null))).toEqual(aged(before));
  });
});
