import type { Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test, vi } from "vitest";
import { arrive, carry, live, makeNodes, type Node, settle, until } from "./stage.ts";

const admin = { roles: ["admin"] };

describe.each(live)("a receipt for %s", (client) => {
  test("says that every node has it, and then no check accepts the credential anywhere", async () => {
    const nodes = makeNodes(3) as [Node, Node, Node];
    for (let round = 0; round < 20; round++) {
      const signedIn = await arrive(nodes[0], client);
      for (const node of nodes) await settle(node, signedIn);
      const revoked = await nodes[0].auth.api.revokeSession(
        { sessionId: signedIn.session.id },
        { confirm: true },
      );
      // In the very next turn, with no time for anything to arrive.
      const checks = nodes.map(({ auth }) => auth.authenticate(carry(signedIn)));
      for (const check of checks) expect(await check).toMatchObject({ ok: false, code: "session_ended" });
      expect(revoked).toMatchObject({
        revoked: 1,
        receipt: { verifiers: 3, confirmed: 3, expired: 0, complete: true, behind: [] },
      });
    }
  });

  test("waits for a node that hears nothing until it has stopped trusting what it knows", async () => {
    const [here, deaf] = makeNodes(2, { revocation: { maxStaleness: 0.3, node: "n" } }) as [Node, Node];
    const signedIn = await arrive(here, client);
    await settle(deaf, signedIn);
    deaf.change({ readChanges: () => new Promise(() => undefined) });
    const revoked = await here.auth.api.banUser({ userId: signedIn.user.id }, { confirm: true });
    expect(await deaf.auth.authenticate(carry(signedIn))).toMatchObject({ ok: false });
    if (!revoked.ok) return expect.fail(revoked.code);
    expect(revoked.receipt).toMatchObject({ verifiers: 2, confirmed: 1, expired: 1, complete: true });
    // 1.1 × 300 + 250 ms, counted from its last sign of life.
    expect(revoked.receipt?.ms).toBeGreaterThan(450);
    expect(revoked.receipt?.ms).toBeLessThan(1500);
  });
});

test("a node that accepts whatever its age is named with an end", async () => {
  const [here, there] = makeNodes(2, { revocation: { onStale: "accept" } }) as [Node, Node];
  const signedIn = await arrive(here, "jwt-live");
  await settle(there, signedIn);
  const revoked = await here.auth.api.revokeSessions({ userId: signedIn.user.id }, { confirm: true });
  const { receipt } = revoked;
  expect(receipt).toMatchObject({ complete: true });
  expect(receipt?.until ?? 0).toBeGreaterThan(Date.now() + 890_000);
});

test("a token that nobody can recall is named with its end (P18)", async () => {
  const clients = { plain: { transport: "bearer", strategy: "jwt" } } as const;
  const [here] = makeNodes(1, { clients }) as [Node];
  const { session } = await arrive(here, "plain");
  const revoked = await here.auth.api.revokeSession({ sessionId: session.id }, { confirm: true });
  if (!revoked.ok) return expect.fail(revoked.code);
  expect(revoked.receipt?.until ?? 0).toBeGreaterThan(Date.now() + 890_000);
});

test("where the log has turned out to be another one, leases may have been lost with the old one (P17)", async () => {
  const inner = memoryStore();
  const [here] = makeNodes(1, { store: inner, revocation: { maxStaleness: 0.2 } }) as [Node];
  const { user } = await arrive(here, "jwt-live");
  const readLeases: Store["readLeases"] = async (at) => ({ ...(await inner.readLeases(at)), life: "one" });
  here.change({ readLeases });
  const ms = async (): Promise<number> => {
    const { receipt } = await here.auth.api.revokeSessions({ userId: user.id }, { confirm: true });
    return receipt?.ms ?? 0;
  };
  await ms();
  expect(await ms()).toBeLessThan(200);
  let resets = 0;
  here.change({
    readLeases,
    async readChanges(input) {
      const page = await inner.readChanges(input);
      return resets++ > 0 ? page : { ...page, changes: [], atHead: false, reset: "moved" };
    },
  });
  await until(
    () => ({ ok: resets > 1 }),
    ({ ok }) => ok,
  );
  // 1.1 × 200 + 250 ms.
  expect(await ms()).toBeGreaterThan(250);
});

test("what was there when the process started is waited for from then on, not from the first receipt on (P17)", async () => {
  const inner = memoryStore();
  const readLeases: Store["readLeases"] = async (at) => ({ ...(await inner.readLeases(at)), life: "one" });
  const [dead, here] = makeNodes(2, {
    store: { ...inner, readLeases },
    revocation: { maxStaleness: 0.2, node: "n" },
  }) as [Node, Node];
  await settle(dead, await arrive(dead, "jwt-live"));
  dead.change({ readChanges: () => new Promise(() => undefined) });
  // Its last read may have been on its way.
  await new Promise((done) => setTimeout(done, 100));
  const { user } = await arrive(here, "jwt-live");
  // 1.1 × 200 + 250 ms.
  await new Promise((done) => setTimeout(done, 600));
  const { receipt } = await here.auth.api.revokeSessions({ userId: user.id }, { confirm: true });
  expect(receipt).toMatchObject({ confirmed: 1, complete: true });
  // 470 without.
  expect(receipt?.ms).toBeLessThan(400);
});

test("nobody asked: no receipt, and nobody is waited for", async () => {
  const [here, deaf] = makeNodes(2) as [Node, Node];
  const signedIn = await arrive(here, "jwt-live");
  await settle(deaf, signedIn);
  deaf.change({ readChanges: () => new Promise(() => undefined) });
  const started = performance.now();
  expect(await here.auth.api.revokeSession({ sessionId: signedIn.session.id })).toEqual({
    ok: true,
    revoked: 1,
  });
  expect(performance.now() - started).toBeLessThan(500);
});

test("a store that cannot tell of the leases makes the receipt incomplete, not the revocation undone", async () => {
  const [here] = makeNodes(1) as [Node];
  const signedIn = await arrive(here, "jwt-live");
  here.change({ readLeases: () => Promise.reject(new Error("down")) });
  const revoked = await here.auth.api.revokeSession({ sessionId: signedIn.session.id }, { confirm: true });
  expect(revoked).toMatchObject({ ok: true, revoked: 1, receipt: { complete: false } });
  expect(await here.auth.authenticate(carry(signedIn))).toMatchObject({ ok: false });
});

test("over HTTP: ?confirm=true, and the list of verifiers", async () => {
  const [here, there] = makeNodes(2, { revocation: { node: "desk" } }) as [Node, Node];
  const boss = await arrive(here, "jwt-live");
  await here.auth.api.setRole({ userId: boss.user.id, ...admin });
  const signedIn = await arrive(here, "session-live");
  await settle(there, signedIn);
  const { headers } = carry(boss);
  headers.set("content-type", "application/json");
  const ask = async (path: string, body?: object) => {
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await here.auth.handler(new Request(`http://localhost/api/auth${path}`, init));
    return { status: response.status, body: await response.json() };
  };
  const ban = await ask("/admin/ban-user?confirm=true", { userId: signedIn.user.id });
  expect(ban).toMatchObject({ status: 200, body: { revoked: 1, receipt: { verifiers: 2, complete: true } } });
  expect(await there.auth.authenticate(carry(signedIn))).toMatchObject({ ok: false });
  const plain = await ask("/admin/unban-user", { userId: signedIn.user.id });
  expect(plain.body).not.toHaveProperty("receipt");
  const known = { node: "desk", behind: 0, lease: 2450, accepts: false };
  // The last change was not confirmed: how far each has come is told with its next read.
  await vi.waitFor(async () => {
    const { body } = await ask("/admin/verifiers");
    expect(body.verifiers).toMatchObject([known, known]);
  });
});
