import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { type Auth, latchkey, type SignedIn, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { sqliteStore } from "latchkey/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf } from "../../support/stage.ts";
import { type MemoryTable, memoryTable } from "../../support/users/memory-table.ts";

// Each look at the application's table takes some turns of the event loop before and after it, so that what it says is
// old news now and then, and the calls of a round meet in every order.

const password = "correct horse battery staple";
const clients = {
  app: { transport: "bearer", strategy: "session" },
  pair: { transport: "bearer", strategy: "jwt-denylist" },
} as const;

interface Arena {
  /** Two of them over one store, with connections of their own where the store has such. */
  readonly auths: readonly [Auth, Auth];
  readonly table: MemoryTable;
  readonly pass: (seconds: number) => void;
}

/** Mostly short, long now and then: an answer that was held up is the one that must not count. */
async function pace(): Promise<void> {
  const most = Math.random() < 0.25 ? 60 : 4;
  for (let turns = Math.floor(Math.random() * most); turns > 0; turns--) await turn();
}

async function makeArena(kind: "memory" | "sqlite"): Promise<Arena> {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const table = memoryTable({ pace });
  const make = (store: Store): Auth =>
    latchkey({
      secret: "a secret for tests, of more than 32 characters",
      store,
      users: table.users,
      clock,
      rateLimit: false,
      clients,
    });
  const auths = openStores(kind, clock).map(make) as [Auth, Auth];
  for (const auth of auths) await auth.start();
  onTestFinished(async () => {
    for (const auth of auths) await auth.close();
  });
  const pass = (seconds: number): void => {
    time += seconds * 1000;
  };
  return { auths, table, pass };
}

function openStores(kind: "memory" | "sqlite", clock: () => number): readonly [Store, Store] {
  if (kind === "memory") {
    const store = memoryStore({ clock });
    return [store, store];
  }
  const folder = mkdtempSync(join(tmpdir(), "latchkey-users-races-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return [sqliteStore(join(folder, "a.db"), { clock }), sqliteStore(join(folder, "a.db"), { clock })];
}

let people = 0;

interface Person {
  readonly id: string;
  readonly email: string;
}

async function arrive({ table }: Arena, roles: readonly string[] = []): Promise<Person> {
  const email = `person-${people++}@example.com`;
  return { email, id: await table.add({ email, password, roles }) };
}

async function signIn(auth: Auth, { email }: Person, client: "app" | "pair" = "app"): Promise<SignedIn> {
  const signedIn = await auth.api.signInEmail({ email, password, client });
  if (!signedIn.ok) throw new Error(signedIn.code);
  return signedIn;
}

function refreshTokenOf({ credentials }: SignedIn): string {
  if (!("refreshToken" in credentials) || credentials.refreshToken === undefined) throw new Error("no token");
  return credentials.refreshToken;
}

async function isLive(auth: Auth, signedIn: SignedIn): Promise<boolean> {
  return (await auth.authenticate(bearerRequest(credentialOf(signedIn)))).ok;
}

/** How long the calls of a race take so far, in ms: in the middle, roughly. */
let usual = 1;

/**
 * Starts each call at some moment within the time that one usually takes, in the order given by the round, so that they
 * meet in every step of each other.
 */
async function race(round: number, calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  const order = calls.map((_, i) => calls[(i + round) % calls.length]);
  const run = async (call: (() => Promise<unknown>) | undefined): Promise<void> => {
    const start = performance.now() + Math.random() * usual * 1.5;
    while (performance.now() < start) await turn();
    const started = performance.now();
    await call?.();
    usual += (performance.now() - started - usual) / 50;
  };
  await Promise.all(order.map(run));
}

describe.each(["memory", "sqlite"] as const)("over %s", (kind) => {
  const rounds = kind === "memory" ? 500 : 150;

  test("a ban in the application's table that we are told of, racing sign-ins and a refresh: nothing is live", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    const outcomes = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const person = await arrive(arena);
      // Every other person is new to us when it begins.
      const pair = round % 2 === 0 ? await signIn(one, person, "pair") : undefined;
      arena.pass(11);
      const opened: SignedIn[] = pair === undefined ? [] : [pair];
      const enter = async (auth: Auth): Promise<void> => {
        const answer = await auth.api.signInEmail({ email: person.email, password, client: "app" });
        if (answer.ok) opened.push(answer);
        const code = answer.ok ? "ok" : answer.code;
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
      };
      const refresh = async (): Promise<void> => {
        if (pair === undefined) return;
        const answer = await other.api.refresh({ refreshToken: refreshTokenOf(pair) });
        if (answer.ok) opened.push(answer);
      };
      const ban = async (): Promise<void> => {
        await arena.table.change(person.id, { status: "banned" });
        const told = await other.api.userChanged({ userId: person.id });
        expect(told).toMatchObject({ ok: true, user: { status: "banned" } });
        // From here on nothing that was let in counts, and nobody is let in.
        expect(await one.api.listSessions({ userId: person.id })).toEqual([]);
      };
      await race(round, [() => enter(one), () => enter(other), refresh, ban]);
      for (const auth of arena.auths) {
        for (const signedIn of opened) expect(await isLive(auth, signedIn), `round ${round}`).toBe(false);
        expect(await auth.api.listSessions({ userId: person.id })).toEqual([]);
      }
    }
    // A race that always ends in one way proves nothing.
    expect(outcomes.get("ok"), "sign-ins before the ban").toBeGreaterThan(rounds / 50);
    expect(outcomes.get("user_banned"), "sign-ins after it").toBeGreaterThan(rounds / 50);
  }, 240_000);

  test("a ban that nobody tells us of: whoever slipped in is out at the next refresh", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    for (let round = 0; round < rounds / 5; round++) {
      const person = await arrive(arena);
      const opened: SignedIn[] = [];
      const enter = async (auth: Auth): Promise<void> => {
        const answer = await auth.api.signInEmail({ email: person.email, password, client: "pair" });
        if (answer.ok) opened.push(answer);
      };
      const ban = () => arena.table.change(person.id, { status: "banned" }) as Promise<void>;
      await race(round, [() => enter(one), ban, () => enter(other)]);
      arena.pass(11);
      for (const signedIn of opened) {
        const refreshed = await one.api.refresh({ refreshToken: refreshTokenOf(signedIn) });
        expect(refreshed.ok).toBe(false);
      }
      for (const signedIn of opened) expect(await isLive(other, signedIn)).toBe(false);
      const late = await one.api.signInEmail({ email: person.email, password, client: "app" });
      expect(late).toEqual({ ok: false, code: "user_banned" });
    }
  }, 120_000);

  test("a demotion that we are told of, racing refreshes and sign-ins: nobody has the role afterwards", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    for (let round = 0; round < rounds; round++) {
      const person = await arrive(arena, ["editor"]);
      const pair = await signIn(one, person, "pair");
      // The record is behind already: the refresh has roles to write that are old news by then.
      await arena.table.change(person.id, { roles: ["admin"] });
      arena.pass(11);
      let isTold = false;
      const refresh = async (auth: Auth): Promise<void> => {
        const wasTold = isTold;
        const answer = await auth.api.refresh({ refreshToken: refreshTokenOf(pair) });
        expect(answer.ok).toBe(true);
        if (wasTold) expect(answer.ok && answer.user.roles).toEqual([]);
      };
      const demote = async (): Promise<void> => {
        await arena.table.change(person.id, { roles: [] });
        await other.api.userChanged({ userId: person.id });
        isTold = true;
        expect(await one.api.getUser({ userId: person.id })).toMatchObject({ roles: [] });
      };
      const enter = (): Promise<unknown> =>
        one.api.signInEmail({ email: person.email, password, client: "app" });
      await race(round, [() => refresh(one), demote, () => refresh(other), enter]);
      expect(await one.api.getUser({ userId: person.id }), `round ${round}`).toMatchObject({ roles: [] });
      const current = await one.authenticate(bearerRequest(credentialOf(pair)));
      expect(current.ok && current.user.roles).toEqual([]);
    }
  }, 240_000);

  test("many who tell us of many changes at once: the record ends with the last word of the table", async () => {
    const arena = await makeArena(kind);
    for (let round = 0; round < rounds / 10; round++) {
      const person = await arrive(arena);
      const change = async (i: number): Promise<void> => {
        const roles = i % 3 === 0 ? ["admin"] : [];
        await arena.table.change(person.id, {
          roles,
          name: `name ${i}`,
          status: i % 2 ? "banned" : "active",
        });
        await arena.auths[i % 2 === 0 ? 0 : 1].api.userChanged({ userId: person.id });
      };
      await race(
        round,
        Array.from({ length: 8 }, (_, i) => () => change(i)),
      );
      const said = arena.table.rows.get(person.id);
      const { roles, name, status } = said ?? {};
      const known = await arena.auths[0].api.getUser({ userId: person.id });
      expect(known).toMatchObject({ roles, name, status });
    }
  }, 120_000);

  test("a ban of ours that races the table's word: it stays", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    for (let round = 0; round < rounds / 5; round++) {
      const person = await arrive(arena);
      const userId = person.id;
      if (round % 2 === 0) await signIn(one, person);
      const rename = async (): Promise<void> => {
        await arena.table.change(userId, { name: `name ${round}`, status: round % 3 ? "active" : "banned" });
        await other.api.userChanged({ userId });
        await arena.table.change(userId, { status: "active" });
        await other.api.userChanged({ userId });
      };
      const enter = (): Promise<unknown> =>
        one.api.signInEmail({ email: person.email, password, client: "app" });
      await race(round, [() => one.api.banUser({ userId }), rename, enter]);
      expect(await one.api.getUser({ userId })).toMatchObject({ status: "banned" });
      expect(await one.api.listSessions({ userId })).toEqual([]);
      const late = await other.api.signInEmail({ email: person.email, password, client: "app" });
      expect(late).toEqual({ ok: false, code: "user_banned" });
    }
  }, 120_000);

  test("a new password that races sign-ins with the old one: one session is left", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    for (let round = 0; round < rounds / 5; round++) {
      const person = await arrive(arena);
      const mine = await signIn(one, person);
      const current = await one.authenticate(bearerRequest(credentialOf(mine)));
      if (!current.ok) throw new Error(current.code);
      const change = async (): Promise<void> => {
        const input = { current, currentPassword: password, newPassword: "another horse battery" };
        expect((await one.api.changePassword(input)).ok).toBe(true);
      };
      const enter = (auth: Auth): Promise<unknown> =>
        auth.api.signInEmail({ email: person.email, password, client: "app" });
      await race(round, [() => enter(one), () => enter(other), change, () => enter(other)]);
      const live = await other.api.listSessions({ userId: person.id });
      expect(live.map(({ id }) => id)).toEqual([mine.session.id]);
    }
  }, 120_000);

  test("a deletion that races sign-ins: nothing is left of the user", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    for (let round = 0; round < rounds / 5; round++) {
      const person = await arrive(arena);
      const userId = person.id;
      if (round % 2 === 0) await signIn(one, person);
      const enter = (auth: Auth): Promise<unknown> =>
        auth.api.signInEmail({ email: person.email, password, client: "app" });
      const remove = (): Promise<unknown> =>
        round % 3 === 0
          ? arena.table.remove(userId).then(() => one.api.userChanged({ userId }))
          : one.api.removeUser({ userId });
      await race(round, [() => enter(one), remove, () => enter(other)]);
      expect(await other.api.listSessions({ userId }), `round ${round}`).toEqual([]);
      expect(await other.api.getUser({ userId })).toBeUndefined();
    }
  }, 120_000);
});
