import { latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { password, secret } from "../../support/stage.ts";
import {
  arrive,
  billing,
  carry,
  clientSecret,
  issuer,
  makeStage,
  requestOf,
  type Stage,
  untilRefused,
} from "./stage.ts";

const credentials = { clientId: "partner", clientSecret };

/** Signs somebody in and gives a third party a token of theirs. */
async function exchanged(stage: Stage, client: string, audience = billing) {
  const signedIn = await arrive(stage, client);
  const current = await stage.auth.authenticate(requestOf(signedIn));
  if (!current.ok) throw new Error(current.code);
  const token = await stage.auth.api.exchangeToken({ current, audience });
  if (!token.ok) throw new Error(token.code);
  return { signedIn, current, request: carry(token.accessToken) };
}

/** What the partner is told from the position on. */
async function look(stage: Stage, after: string | null, waitMs = 0, lease: unknown = null) {
  const form = new URLSearchParams({
    ...{ grant_type: "client_credentials", scope: "changes:read" },
    ...{ client_id: "partner", client_secret: clientSecret },
  });
  const granted = await stage.auth.handler(
    new Request(`${issuer}/oauth2/token`, { method: "POST", body: form }),
  );
  const { access_token } = await granted.json();
  const asked = new Request(`${issuer}/changes`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ after, waitMs, nonce: "n", lease }),
  });
  return (await stage.auth.handler(asked)).json();
}

const kindsOf = (page: { changes: { change: { kind: string } }[] }): string[] =>
  page.changes.map(({ change }) => change.kind);

describe("a third party that follows the changes", () => {
  test.each(["opaque", "mobile", "plain"])(
    "refuses within milliseconds what is revoked of a session it has a token of: %s",
    async (client) => {
      const stage = await makeStage();
      const verifier = stage.verifier({ audience: billing, credentials });
      const { signedIn, request } = await exchanged(stage, client);
      expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
      await stage.auth.api.revokeSession({ sessionId: signedIn.session.id });
      expect(await untilRefused(verifier, request)).toBeLessThan(500);
      const acts: ((userId: string) => Promise<unknown>)[] = [
        (userId) => stage.auth.api.banUser({ userId }),
        (userId) => stage.auth.api.deleteUser({ userId, password }),
        (userId) => stage.auth.api.revokeSessions({ userId }),
        () => stage.auth.api.revokeEverything(),
      ];
      for (const act of acts) {
        const other = await exchanged(stage, client);
        expect(await verifier.authenticate(other.request)).toMatchObject({ ok: true });
        await act(other.signedIn.user.id);
        expect(await untilRefused(verifier, other.request)).toBeLessThan(500);
      }
    },
  );

  test("learns of a password change, under which the session itself lives on", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier({ audience: billing, credentials });
    const { current, request } = await exchanged(stage, "opaque");
    expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
    const changed = await stage.auth.api.changePassword({
      ...{ current, currentPassword: password, newPassword: `${password} 2` },
    });
    expect(changed).toMatchObject({ ok: true });
    expect(await untilRefused(verifier, request)).toBeLessThan(500);
  });

  test("is shown nothing of anybody else, neither what happens nor for whom else", async () => {
    const shop = "https://shop.example";
    const stage = await makeStage({ audiences: { [billing]: {}, [shop]: {} } });
    const ours = await exchanged(stage, "opaque");
    const theirs = await exchanged(stage, "opaque", shop);
    const neither = await arrive(stage);
    const { position } = await look(stage, null);
    for (const { user } of [theirs.signedIn, neither]) {
      await stage.auth.api.setRole({ userId: user.id, roles: ["editor"] });
      await stage.auth.api.banUser({ userId: user.id });
      await stage.auth.api.deleteUser({ userId: user.id, password });
    }
    await stage.auth.api.setRole({ userId: ours.signedIn.user.id, roles: ["editor"] });
    const none = await look(stage, position);
    expect(none).toMatchObject({ changes: [], atHead: true, reset: false });
    expect(none.position).not.toBe(position);
    const current = await stage.auth.authenticate(requestOf(ours.signedIn));
    if (!current.ok) return expect.fail(current.code);
    await stage.auth.api.exchangeToken({ current, audience: shop });
    await stage.auth.api.revokeSession({ sessionId: ours.signedIn.session.id });
    const page = await look(stage, none.position);
    const { id: sessionId, userId } = ours.signedIn.session;
    const change = { kind: "session_ended", sessionId, userId };
    expect(page.changes).toEqual([{ at: expect.any(Number), change }]);
    await stage.auth.api.rotateKeys({ compromised: true });
    await stage.auth.api.revokeEverything();
    const all = await look(stage, page.position);
    expect(new Set(kindsOf(all))).toEqual(new Set(["key_added", "key_retired", "global_epoch"]));
  });

  test("waits on while others are busy, and its lease moves on with them", async () => {
    const stage = await makeStage();
    const ours = await exchanged(stage, "opaque");
    const others = await Promise.all(Array.from({ length: 5 }, () => arrive(stage)));
    const { position } = await look(stage, null);
    const lease = { id: "run", counter: 1, node: "one", duration: 2450, accepts: false };
    const waiting = look(stage, position, 10_000, lease);
    let isOver = false;
    void waiting.then(() => {
      isOver = true;
    });
    const isSeen = async () =>
      (await stage.auth.api.listVerifiers()).some(({ node }) => node === "partner one");
    await expect.poll(isSeen).toBe(true);
    for (const { session } of others) {
      const revoking = stage.auth.api.revokeSession({ sessionId: session.id }, { confirm: true });
      expect(await revoking).toMatchObject({ receipt: { expired: 0, complete: true } });
    }
    expect(isOver).toBe(false);
    await stage.auth.api.revokeSession({ sessionId: ours.signedIn.session.id });
    expect(kindsOf(await waiting)).toEqual(["session_ended"]);
  });

  test("gets no token of a session that ends before the store knows for whom", async () => {
    const store = memoryStore();
    let before: (() => Promise<unknown>) | undefined;
    const recordExchange: typeof store.recordExchange = async (exchange) => {
      await before?.();
      return store.recordExchange(exchange);
    };
    const stage = await makeStage({ store: { ...store, recordExchange } });
    for (const client of ["opaque", "plain"]) {
      const signedIn = await arrive(stage, client);
      const current = await stage.auth.authenticate(requestOf(signedIn));
      if (!current.ok) return expect.fail(current.code);
      before = () => stage.auth.api.revokeSessions({ userId: signedIn.user.id });
      const token = await stage.auth.api.exchangeToken({ current, audience: billing });
      expect(token).toEqual({ ok: false, code: "session_ended" });
      before = undefined;
    }
  });
});

test("a service of an audience that is not configured is a misuse", () => {
  const services = { partner: { secretHash: "A".repeat(43), audience: "https://nobody.example" } };
  const make = () => latchkey({ secret, baseURL: "https://auth.example", store: memoryStore(), services });
  expect(make).toThrow('services.partner.audience: "https://nobody.example" is not among `audiences`');
});
