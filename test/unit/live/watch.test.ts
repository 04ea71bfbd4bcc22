import type { Auth, Authenticated, Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test, vi } from "vitest";
import { password } from "../../support/stage.ts";
import { arrive, carry, makeNodes, type Node } from "./stage.ts";

const clients = {
  session: { transport: "bearer", strategy: "session" },
  "session-live": { transport: "bearer", strategy: "session-live" },
  jwt: { transport: "bearer", strategy: "jwt" },
  bare: { transport: "bearer", strategy: "jwt", refresh: false },
  "jwt-live": { transport: "bearer", strategy: "jwt-live" },
} as const;

async function open(client: keyof typeof clients, options: object = {}) {
  const roles = { editor: ["post:*"] };
  const [here, there] = makeNodes(2, { clients, roles, ...options }) as [Node, Node];
  const signedIn = await arrive(here, client);
  const result = await there.auth.authenticate(carry(signedIn));
  if (!result.ok) throw new Error(result.code);
  const told: string[] = [];
  const results: Authenticated[] = [];
  const stop = there.auth.watch(result, {
    onEnd: ({ code }) => void told.push(code),
    onChange(next) {
      told.push("changed");
      results.push(next);
    },
    onStale: () => void told.push("stale"),
  });
  return { here, there, signedIn, result, told, results, stop, userId: signedIn.user.id };
}

test("a result of another latchkey() cannot be watched", async () => {
  const { here, result } = await open("jwt-live");
  expect(() => here.auth.watch(result, { onEnd: () => undefined })).toThrow(/as authenticate\(\) gave it/);
  expect(() => here.auth.watch({ ...result }, { onEnd: () => undefined })).toThrow(
    /as authenticate\(\) gave it/,
  );
});

type Opened = Awaited<ReturnType<typeof open>>;

describe.each(Object.keys(clients) as (keyof typeof clients)[])("a connection opened by %s", (client) => {
  test.each<[string, (at: Opened) => Promise<unknown>, string]>([
    [
      "all of the user's is revoked",
      ({ here, userId }) => here.auth.api.revokeSessions({ userId }),
      "session_ended",
    ],
    ["a ban", ({ here, userId }) => here.auth.api.banUser({ userId }), "session_ended"],
    ["a deletion", ({ here, userId }) => here.auth.api.removeUser({ userId }), "session_ended"],
    ["everything is revoked", ({ here }) => here.auth.api.revokeEverything(), "session_ended"],
  ])("is told once: %s", async (_, act, code) => {
    const at = await open(client);
    await act(at);
    await vi.waitFor(() => expect(at.told).toHaveLength(1), { timeout: 1500, interval: 2 });
    await new Promise((done) => setTimeout(done, 20));
    expect(at.told.map((it) => it === code || it === "account_unavailable")).toEqual([true]);
  });

  test("is told of new roles, each time, and goes on", async () => {
    const at = await open(client);
    await at.here.auth.api.setRole({ userId: at.userId, roles: ["editor"] });
    await vi.waitFor(() => expect(at.told).toEqual(["changed"]));
    expect(at.results[0]?.can("post:write")).toBe(true);
    expect(at.results[0]?.session).toEqual(at.result.session);
    await at.here.auth.api.setRole({ userId: at.userId, roles: [] });
    await vi.waitFor(() => expect(at.told).toEqual(["changed", "changed"]));
    expect(at.results[1]?.can("post:write")).toBe(false);
  });

  test("is told nothing any more once it has stopped, nor of others", async () => {
    const at = await open(client);
    const other = await arrive(at.here, client);
    await at.here.auth.api.banUser({ userId: other.user.id });
    at.stop();
    await at.here.auth.api.banUser({ userId: at.userId });
    await new Promise((done) => setTimeout(done, 50));
    expect(at.told).toEqual([]);
  });
});

const withRow = ["session", "session-live", "jwt", "jwt-live"] as const;

test.each(withRow)(
  "%s: is told when its session is revoked, and its own credential renewed",
  async (client) => {
    const one = await open(client);
    await one.here.auth.api.revokeSession({ sessionId: one.signedIn.session.id });
    await vi.waitFor(() => expect(one.told).toEqual(["session_ended"]));
    const other = await open(client);
    const current = (await other.here.auth.authenticate(carry(other.signedIn))) as Authenticated;
    const passwords = { currentPassword: password, newPassword: "another long enough one" };
    await other.here.auth.api.changePassword({ current, ...passwords });
    await vi.waitFor(() => expect(other.told).toEqual(["credential_renewed"]));
  },
);

test("what became known between the check and the watching is told too", async () => {
  const [node] = makeNodes(1, { clients }) as [Node];
  const signedIn = await arrive(node, "jwt-live");
  const result = (await node.auth.authenticate(carry(signedIn))) as Authenticated;
  await node.auth.api.revokeSession({ sessionId: signedIn.session.id });
  const told: string[] = [];
  node.auth.watch(result, { onEnd: ({ code }) => void told.push(code) });
  expect(told).toEqual([]);
  await Promise.resolve();
  expect(told).toEqual(["session_ended"]);
});

test("a session that reaches its end is told", async () => {
  const [node] = makeNodes(1, { clients, session: { expiresIn: 2 } }) as [Node];
  const signedIn = await arrive(node, "session");
  const result = (await node.auth.authenticate(carry(signedIn))) as Authenticated;
  const told: string[] = [];
  node.auth.watch(result, { onEnd: ({ code }) => void told.push(code) });
  await vi.waitFor(() => expect(told).toEqual(["session_expired"]), 4000);
});

describe("on a node that hears nothing", () => {
  const revocation = { maxStaleness: 0.2 };
  const silent = { readChanges: () => Promise.reject(new Error("down")) };

  test("the store is asked in its place", async () => {
    const at = await open("session-live", { revocation });
    at.there.change(silent);
    await at.here.auth.api.banUser({ userId: at.userId });
    await vi.waitFor(() => expect(at.told).toEqual(["session_ended"]), 2000);
  });

  test("new roles are told by what the store says", async () => {
    const at = await open("session-live", { revocation });
    at.there.change(silent);
    // What it had asked before would bring it.
    await new Promise((done) => setTimeout(done, 150));
    await at.here.auth.api.setRole({ userId: at.userId, roles: ["editor"] });
    await vi.waitFor(() => expect(at.told).toEqual(["changed"]), 2000);
    at.there.change(undefined);
    await new Promise((done) => setTimeout(done, 500));
    expect(at.told).toEqual(["changed"]);
  });

  test("a connection without a session row is not ended by that", async () => {
    const at = await open("bare", { revocation });
    at.there.change(silent);
    await new Promise((done) => setTimeout(done, 700));
    expect(at.told).toEqual([]);
  });

  test("where the store does not answer either it is told so, and ended by nothing", async () => {
    const at = await open("jwt-live", { revocation });
    at.there.change({ ...silent, readSession: () => Promise.reject(new Error("down")) });
    await vi.waitFor(() => expect(at.told.length).toBeGreaterThan(1), 3000);
    expect(new Set(at.told)).toEqual(new Set(["stale"]));
  });

  test("nor asked where that is not wanted", async () => {
    const at = await open("jwt-live", { revocation: { ...revocation, onStale: "reject" } });
    at.there.calls.length = 0;
    at.there.change(silent);
    await vi.waitFor(() => expect(at.told).toContain("stale"), 2000);
    expect(at.there.calls).toEqual([]);
  });
});

describe("after an outage that lasted longer than the log goes back", () => {
  /** The node hears nothing and reaches nothing while something is done; then the log begins after it. */
  async function miss(
    client: keyof typeof clients,
    act: (at: Opened) => Promise<unknown>,
    others: (store: Store) => Partial<Store> = () => ({}),
    maxStaleness = 0.5,
  ) {
    const store = memoryStore();
    const at = await open(client, { store, revocation: { maxStaleness } });
    await vi.waitFor(() => expect(at.there.auth.stats().replica.age).not.toBeNull());
    const down = () => Promise.reject(new Error("down"));
    at.there.change({ readChanges: down, readSession: down });
    // What it had asked before would bring it; it is answered after a quarter of the bound.
    await new Promise((done) => setTimeout(done, maxStaleness * 250 + 125));
    await act(at);
    let told = false;
    at.there.change({
      async readChanges(input) {
        const page = await store.readChanges({ ...input, after: told ? input.after : null });
        const reset = told ? page.reset : "trimmed";
        told = true;
        return { ...page, reset, changes: input.after === null || reset !== false ? [] : page.changes };
      },
      ...others(store),
    });
    return at;
  }

  test.each(["session-live", "jwt-live", "bare"] as const)(
    "%s: a ban is told all the same",
    async (client) => {
      const at = await miss(client, ({ here, userId }) => here.auth.api.banUser({ userId }));
      await vi.waitFor(() => expect(at.told).toHaveLength(1), 3000);
      expect(["session_ended", "account_unavailable"]).toContain(at.told[0]);
    },
  );

  test("so are roles", async () => {
    const at = await miss("jwt-live", ({ here, userId }) =>
      here.auth.api.setRole({ userId, roles: ["editor"] }),
    );
    await vi.waitFor(() => expect(at.told).toEqual(["changed"]), 3000);
    expect(at.results[0]?.can("post:write")).toBe(true);
    await at.here.auth.api.setRole({ userId: at.userId, roles: [] });
    at.there.change(undefined);
    await vi.waitFor(() => expect(at.told).toEqual(["changed", "changed"]), 3000);
  });

  test("what comes into doubt while the store is being asked is asked about right after", async () => {
    const store = memoryStore();
    const at = await open("jwt-live", { store, revocation: { maxStaleness: 30 } });
    at.there.auth.watch(at.result, { onEnd: () => undefined });
    let reads = 0;
    let resets = 0;
    at.there.change({
      async readChanges(input) {
        await new Promise((done) => setTimeout(done, 20));
        const page = await store.readChanges({ ...input, after: null });
        // Once, and once more while the store is being asked because of it.
        const again = resets === 0 || (reads === 1 && resets === 1);
        if (again) resets += 1;
        return { ...page, reset: again ? "trimmed" : false, changes: [] };
      },
      async readSession(...input) {
        reads += 1;
        await new Promise((done) => setTimeout(done, 120));
        return store.readSession(...input);
      },
    });
    await at.here.auth.api.setRole({ userId: at.userId, roles: ["editor"] });
    await vi.waitFor(() => expect([resets, reads]).toEqual([2, 3]), 5000);
  });

  test("a store that stumbles once at this moment alarms nobody", async () => {
    let refusals = 1;
    const ban = ({ here, userId }: Opened) => here.auth.api.banUser({ userId });
    const stumbling = (store: Store): Partial<Store> => ({
      readSession: (...input) =>
        refusals-- > 0 ? Promise.reject(new Error("down")) : store.readSession(...input),
    });
    const at = await miss("jwt-live", ban, stumbling, 5);
    await vi.waitFor(() => expect(at.told).toHaveLength(1), 3000);
    expect(at.told[0]).toMatch(/session_ended|account_unavailable/);
    expect(refusals).toBeLessThan(1);
  });

  test("the store is asked until it answers; whoever has left is not told", async () => {
    const ban = ({ here, userId }: Opened) => here.auth.api.banUser({ userId });
    let refusals = 3;
    const at = await miss("jwt-live", ban, (store) => ({
      readSession: (...input) =>
        refusals-- > 0 ? Promise.reject(new Error("down")) : store.readSession(...input),
    }));
    const other = await miss("jwt-live", async (one) => {
      one.stop();
      await ban(one);
    });
    await vi.waitFor(() => expect(at.told.at(-1)).toMatch(/session_ended|account_unavailable/), 4000);
    expect(at.told.length).toBeGreaterThan(2);
    expect(new Set(at.told.slice(0, -1))).toEqual(new Set(["stale"]));
    expect(other.told).toEqual([]);
  });
});

test("a result that was made by hand is a mistake", async () => {
  const [node] = makeNodes(1, { clients }) as [Node];
  const signedIn = await arrive(node, "jwt-live");
  const result = (await node.auth.authenticate(carry(signedIn))) as Authenticated;
  const watch: Auth["watch"] = node.auth.watch;
  expect(() => watch({ ...result }, { onEnd: () => undefined })).toThrow(/watch\(\): give the result/);
});
