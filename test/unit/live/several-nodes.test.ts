import { type LatchkeyOptions, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, onTestFinished, test } from "vitest";
import { countingStore } from "../../support/counting-store.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf, password, secret } from "../../support/stage.ts";
import { arrive, carry, live, makeNodes, type Node, settle, until } from "./stage.ts";

const refused = (result: { ok: boolean }): boolean => !result.ok;

async function twoNodes(client: string) {
  const [here, there] = makeNodes(2, { roles: { editor: ["post:write"] } }) as [Node, Node];
  const signedIn = await arrive(here, client);
  await settle(there, signedIn);
  const check = () => there.auth.authenticate(carry(signedIn));
  return { here, there, signedIn, check, userId: signedIn.user.id, sessionId: signedIn.session.id };
}

describe.each(live)("%s, on a node that remembers the credential", (client) => {
  test.each<[string, (at: Awaited<ReturnType<typeof twoNodes>>) => Promise<unknown>, string]>([
    ["a revocation", ({ here, sessionId }) => here.auth.api.revokeSession({ sessionId }), "session_ended"],
    ["all of the user's", ({ here, userId }) => here.auth.api.revokeSessions({ userId }), "session_ended"],
    ["a ban", ({ here, userId }) => here.auth.api.banUser({ userId }), "session_ended"],
    ["a deletion", ({ here, userId }) => here.auth.api.removeUser({ userId }), "session_ended"],
    ["everything", ({ here }) => here.auth.api.revokeEverything(), "session_ended"],
    ["a sign-out", ({ here, signedIn }) => here.auth.api.signOut(carry(signedIn)), "session_ended"],
  ])("sees %s within milliseconds, and without asking", async (_, act, code) => {
    const at = await twoNodes(client);
    await act(at);
    const took = await until(at.check, refused);
    expect(took).toBeLessThan(500);
    at.there.calls.length = 0;
    expect(await at.check()).toMatchObject({ ok: false, code });
    // An opaque token does not say under which global epoch it was issued: the store does.
    const asks = client === "session-live" && /revokeEverything/.test(String(act));
    expect(at.there.calls).toEqual(asks ? ["readSession"] : []);
  });

  test("sees a sign-in that takes the session's place", async () => {
    const { here, signedIn, check } = await twoNodes(client);
    const request = carry(signedIn);
    await here.auth.api.signInEmail({ email: signedIn.email, password, client }, { request });
    await until(check, refused);
  });

  test("sees a password change: the old credential was renewed, the new one holds", async () => {
    const { here, there, signedIn, check } = await twoNodes(client);
    const current = await here.auth.authenticate(carry(signedIn));
    if (!current.ok) return expect.fail(current.code);
    const passwords = { currentPassword: password, newPassword: "another long enough one" };
    const renewed = await here.auth.api.changePassword({ current, ...passwords });
    if (!renewed.ok) return expect.fail(renewed.code);
    expect(await here.auth.authenticate(carry(renewed))).toMatchObject({ ok: true });
    await until(check, (result) => !result.ok && /renewed|ended/.test(result.code));
    expect(await there.auth.authenticate(carry(renewed))).toMatchObject({ ok: true });
  });

  test("shows new roles at once, with no new credential, and the old result stays as it was", async () => {
    const { here, there, check, userId } = await twoNodes(client);
    const before = await check();
    await here.auth.api.setRole({ userId, roles: ["editor"] });
    await until(check, (result) => result.ok && result.can("post:write"));
    there.calls.length = 0;
    const after = await check();
    expect(after).toMatchObject({ ok: true, user: { id: userId, roles: ["editor"] } });
    expect(before).toMatchObject({ ok: true, user: { roles: [] } });
    expect(there.calls).toEqual([]);
    await here.auth.api.setRole({ userId, roles: [] });
    await until(check, (result) => result.ok && !result.can("post:write"));
  });

  test("a compromised key is refused as soon as it is heard of", async () => {
    const { here, check } = await twoNodes(client);
    await here.auth.api.rotateKeys({ compromised: true });
    if (client === "session-live") return expect(await check()).toMatchObject({ ok: true });
    await until(check, (result) => !result.ok && result.code === "credential_invalid");
  });

  test("what was answered here is so here at the very next check", async () => {
    for (let round = 0; round < 50; round++) {
      const { here, signedIn, sessionId } = await twoNodes(client);
      await settle(here, signedIn);
      await here.auth.api.revokeSession({ sessionId });
      expect(await here.auth.authenticate(carry(signedIn))).toMatchObject({ ok: false });
    }
  });

  test("one user's revocation leaves the others alone", async () => {
    const { here, there, sessionId, check } = await twoNodes(client);
    const others = await Promise.all(Array.from({ length: 20 }, () => arrive(here, client)));
    for (const other of others) await there.auth.authenticate(carry(other));
    await here.auth.api.revokeSession({ sessionId });
    await until(check, refused);
    for (const other of others)
      expect(await there.auth.authenticate(carry(other))).toMatchObject({ ok: true });
  });
});

test("a warm check asks nothing, a thousand times over, and answers at once", async () => {
  for (const client of live) {
    const [node] = makeNodes(1) as [Node];
    const signedIn = await arrive(node, client);
    await settle(node, signedIn);
    for (let i = 0; i < 1000; i++) {
      const result = node.auth.authenticate(carry(signedIn));
      expect(result).not.toBeInstanceOf(Promise);
      expect(result).toMatchObject({ ok: true });
    }
    expect(node.calls).toEqual([]);
  }
});

test.each(live)("a header in another spelling is remembered as well: %s", async (client) => {
  const [node] = makeNodes(1) as [Node];
  const signedIn = await arrive(node, client);
  await settle(node, signedIn);
  const headers = { authorization: `bearer  ${credentialOf(signedIn)}` };
  const { hits } = node.auth.stats().cache;
  for (let i = 0; i < 3; i++)
    expect(await node.auth.authenticate(new Request("http://localhost/", { headers }))).toMatchObject({
      ok: true,
    });
  expect(node.calls).toEqual([]);
  expect(node.auth.stats().cache.hits).toBe(hits + 3);
});

test("of two on one store the second notices a sleep by the clock by which both know what they know", async () => {
  const inner = memoryStore();
  let isAsleep = false;
  const never = new Promise<never>(() => undefined);
  const { store, calls } = countingStore({
    ...inner,
    readChanges: (input) => (isAsleep ? never : inner.readChanges(input)),
    close: async () => undefined,
  });
  let wrong = -600_000;
  const options: LatchkeyOptions = {
    ...{ secret, store, rateLimit: false, passwords: { hasher: plainHasher() } },
    clients: { "session-live": { transport: "bearer", strategy: "session-live" } },
    clock: () => Date.now() + wrong,
  };
  const start = (): Node => {
    const auth = latchkey(options);
    onTestFinished(() => auth.close());
    return { auth, calls, change: () => undefined };
  };
  const [first, second] = [start(), start()];
  await settle(first, await arrive(first, "session-live"));
  const signedIn = await arrive(second, "session-live");
  await settle(second, signedIn);
  // The clock is put right, and nobody tells the first one, which began to follow.
  await first.auth.close();
  wrong = 0;
  await new Promise((done) => setTimeout(done, 1200));
  await settle(second, signedIn);
  isAsleep = true;
  wrong = 300_000;
  await second.auth.authenticate(carry(signedIn));
  expect(calls).toContain("readSession");
});

test("the whole string counts: what differs in one character is not what is remembered", async () => {
  for (const client of live) {
    const [node] = makeNodes(1) as [Node];
    const signedIn = await arrive(node, client);
    await settle(node, signedIn);
    const value = carry(signedIn).headers.get("authorization")?.slice(7) ?? "";
    for (let at = 0; at < value.length; at += 3) {
      const other = value[at] === "A" ? "B" : "A";
      const changed = value.slice(0, at) + other + value.slice(at + 1);
      const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${changed}` } });
      expect(await node.auth.authenticate(request), changed).toMatchObject({ ok: false });
    }
  }
});

test("a credential that is remembered of one transport is none on another", async () => {
  const [node] = makeNodes(1) as [Node];
  const signedIn = await arrive(node, "web");
  await settle(node, signedIn);
  const cookie = carry(signedIn).headers.get("cookie") ?? "";
  const value = cookie.slice(cookie.indexOf("=") + 1);
  const asBearer = new Request("http://localhost/", { headers: { authorization: `Bearer ${value}` } });
  expect(await node.auth.authenticate(asBearer)).toMatchObject({ ok: false, code: "credential_invalid" });
  const bearer = await arrive(node, "session-live");
  await settle(node, bearer);
  const token = carry(bearer).headers.get("authorization")?.slice(7) ?? "";
  const asCookie = new Request("http://localhost/", { headers: { cookie: `latchkey-web=${token}` } });
  expect(await node.auth.authenticate(asCookie)).toMatchObject({ ok: false, code: "credential_invalid" });
});

test("a page of another site is refused also with a cookie that is remembered", async () => {
  const [node] = makeNodes(1) as [Node];
  const signedIn = await arrive(node, "web");
  await settle(node, signedIn);
  const { headers } = carry(signedIn);
  headers.set("origin", "https://evil.example");
  const request = new Request("http://localhost/", { method: "POST", headers });
  expect(await node.auth.authenticate(request)).toMatchObject({ ok: false, code: "csrf_refused" });
});
