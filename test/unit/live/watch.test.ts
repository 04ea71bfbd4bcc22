import type { Auth, Authenticated } from "latchkey";
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

test("a result that was made by hand is a mistake", async () => {
  const [node] = makeNodes(1, { clients }) as [Node];
  const signedIn = await arrive(node, "jwt-live");
  const result = (await node.auth.authenticate(carry(signedIn))) as Authenticated;
  const watch: Auth["watch"] = node.auth.watch;
  expect(() => watch({ ...result }, { onEnd: () => undefined })).toThrow(/watch\(\): give the result/);
});
