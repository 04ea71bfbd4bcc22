import type { Store } from "latchkey";
import { describe, expect, test } from "vitest";
import {
  bearer,
  billing,
  claimsOf,
  exchangeForm,
  type Held,
  makeStage,
  origin,
  read,
  type Stage,
} from "../../support/oauth.ts";

type Name = Parameters<Stage["signUp"]>[0];

/** The clients whose sessions have rows, and the one whose token stands alone. */
const withRows: readonly Name[] = ["app", "jwt", "deny", "allow"];
const all: readonly Name[] = [...withRows, "plain"];

const revocations: readonly (readonly [what: string, ({ auth }: Stage, held: Held) => Promise<unknown>])[] = [
  ["a ban", ({ auth }, { userId }) => auth.api.banUser({ userId })],
  [
    "a ban that was lifted",
    ({ auth }, { userId }) => auth.api.banUser({ userId }).then(() => auth.api.unbanUser({ userId })),
  ],
  ["a deletion", ({ auth }, { userId }) => auth.api.removeUser({ userId })],
  ["the end of all sessions", ({ auth }, { userId }) => auth.api.revokeSessions({ userId })],
  ["the end of everything", ({ auth }) => auth.api.revokeEverything()],
];

describe.each(revocations)("after %s", (_, revoke) => {
  test.each(all)("nothing is exchanged for a credential of %s", async (name) => {
    const stage = await makeStage();
    const held = await stage.signUp(name);
    const token = held.access ?? held.session ?? "";
    await revoke(stage, held);
    const refused = await stage.json("/token", { audience: billing }, bearer(token));
    expect(refused.status).toBe(401);
    const byService = await stage.form("/oauth2/token", exchangeForm(token), "orders");
    expect([byService.status, (await read(byService)).error]).toEqual([400, "invalid_request"]);
  });

  test.each(all)("what was exchanged for a credential of %s before is not active any more", async (name) => {
    const stage = await makeStage();
    const held = await stage.signUp(name);
    const { accessToken } = await read(
      await stage.json("/token", { audience: billing }, bearer(held.access ?? held.session)),
    );
    expect(await stage.introspect(String(accessToken))).toMatchObject({ active: true });
    await revoke(stage, held);
    expect(await stage.introspect(String(accessToken))).toEqual({ active: false });
  });
});

test.each(withRows)("it dies with its session alone (%s): others of the user go on", async (name) => {
  const { auth, signUp, signIn, json, introspect } = await makeStage();
  const exchangeOf = async ({ access, session }: Held) => {
    const body = await read(await json("/token", { audience: billing }, bearer(access ?? session)));
    return String(body.accessToken);
  };
  const one = await signUp(name, "ada@example.com");
  const other = await signIn("app", "ada@example.com");
  const [first, second] = [await exchangeOf(one), await exchangeOf(other)];
  await auth.api.revokeSession({ sessionId: one.sessionId, userId: one.userId });
  expect(await introspect(first)).toEqual({ active: false });
  expect(await introspect(second)).toMatchObject({ active: true, sid: other.sessionId });
});

test("it stays dead when the row of its session is purged", async () => {
  const { auth, store, signUp, json, introspect, pass } = await makeStage();
  const { access, sessionId, userId } = await signUp("deny");
  const { accessToken } = await read(await json("/token", { audience: billing }, bearer(access)));
  await auth.api.revokeSession({ sessionId, userId });
  pass(1);
  expect(await store.purgeSessions(0, 10)).toBe(1);
  expect(await introspect(String(accessToken))).toEqual({ active: false });
});

test("a credential that was renewed exchanges nothing any more, and what it was exchanged for is dead (P3)", async () => {
  for (const name of ["app", "jwt", "deny"] as const) {
    const { auth, json, introspect, signUp } = await makeStage();
    const { access, session } = await signUp(name);
    const headers = bearer(access ?? session);
    const before = await read(await json("/token", { audience: billing }, headers));
    const late = await auth.authenticate(new Request(origin, { headers }));
    if (!late.ok) throw new Error(late.code);
    const passwords = {
      currentPassword: "correct horse battery staple",
      newPassword: "another horse entirely",
    };
    expect((await json("/change-password", passwords, headers)).status).toBe(200);
    expect(await introspect(String(before.accessToken)), name).toEqual({ active: false });
    // It was accepted a moment ago, and is judged again at the moment of issue.
    expect(await auth.api.exchangeToken({ current: late, audience: billing }), name).toMatchObject({
      code: "credential_renewed",
    });
  }
});

test.each(all)(
  "P2: whatever comes out of an exchange that races a ban is dead once the ban is answered (%s)",
  async (name) => {
    const outcomes = { issued: 0, refused: 0 };
    for (let round = 0; round < 60; round++) {
      // The ban falls into a different moment of the exchange each time: before the n-th answer of the store.
      let left = Number.POSITIVE_INFINITY;
      let ban: (() => Promise<unknown>) | undefined;
      const stage = await makeStage({}, (store) =>
        between(store, async () => (left-- === 0 ? ban?.() : undefined)),
      );
      const { userId, access, session } = await stage.signUp(name);
      ban = () => stage.auth.api.banUser({ userId });
      left = round % 6;
      const answer = await stage.json("/token", { audience: billing }, bearer(access ?? session));
      const banned = left < 0;
      if (!answer.ok) {
        outcomes.refused++;
        continue;
      }
      outcomes.issued++;
      if (!banned) await ban();
      const { accessToken } = await read(answer);
      expect(await stage.introspect(String(accessToken)), `round ${round}`).toEqual({ active: false });
    }
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.issued).toBeGreaterThan(0);
  },
);

test("the epochs are read before the credential is judged: a revocation in between is not laundered", async () => {
  // For a token without a row nothing but these epochs stands between a revocation and what was exchanged.
  for (const name of ["plain", "deny"] as const) {
    let strike: (() => Promise<unknown>) | undefined;
    let reads = 0;
    const stage = await makeStage({}, (store) =>
      between(store, async () => {
        if (strike !== undefined && reads++ === 1) await strike();
      }),
    );
    const { userId, access } = await stage.signUp(name);
    const current = await stage.auth.authenticate(new Request(origin, { headers: bearer(access) }));
    if (!current.ok) throw new Error(current.code);
    strike = () => stage.auth.api.revokeSessions({ userId });
    const result = await stage.auth.api.exchangeToken({ current, audience: billing });
    expect(reads, "the exchange reads twice").toBeGreaterThanOrEqual(2);
    expect(result.ok && claimsOf(result.accessToken), name).toBe(false);
  }
});

/** A store that does something of ours before each read of a session is carried out. */
function between(store: Store, act: () => Promise<unknown>): Store {
  return {
    ...store,
    async readSession(...args) {
      await act();
      return store.readSession(...args);
    },
  };
}
