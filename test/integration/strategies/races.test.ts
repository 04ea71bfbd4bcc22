import { describe, expect, test } from "vitest";
import { arrive, carry, makeStage, password, refreshTokenOf, storeNames } from "./stage.ts";

const clients = {
  app: { transport: "bearer", strategy: "session" },
  pair: { transport: "bearer", strategy: "jwt-denylist" },
} as const;

describe.each(storeNames)("over %s", (kind) => {
  const rounds = (most: number): number => (kind === "memory" ? most : most / 10);

  test("20 parallel sign-ins of a user who may have 3 sessions: never more, and the evicted are out", async () => {
    const { auth, pass } = await makeStage(kind, { clients, session: { maxPerUser: 3 } });
    const { email, user } = await arrive(auth, "app");
    // Sessions of one millisecond are of one age: the first must be older to be the first to go.
    pass(0.001);
    const attempts = Array.from({ length: 20 }, async () => {
      const signedIn = await auth.api.signInEmail({ email, password, client: "app" });
      expect((await auth.api.listSessions({ userId: user.id })).length).toBeLessThanOrEqual(3);
      return signedIn;
    });
    const signedIn = (await Promise.all(attempts)).flatMap((one) => (one.ok ? [one] : []));
    expect(signedIn).toHaveLength(20);
    const checks = await Promise.all(signedIn.map((one) => auth.authenticate(carry(one))));
    expect(checks.filter(({ ok }) => ok)).toHaveLength(3);
  });

  test("a slow request that writes data while the session is revoked never revives it", async () => {
    const { auth } = await makeStage(kind, { clients });
    for (let i = 0; i < rounds(2000); i++) {
      const signedIn = await arrive(auth, "app");
      const sessionId = signedIn.session.id;
      await Promise.all([
        auth.api.updateSession({ sessionId, data: { late: i } }),
        auth.api.revokeSession({ sessionId }),
        auth.api.updateSession({ sessionId, update: (data) => ({ ...data, later: i }) }),
      ]);
      expect((await auth.authenticate(carry(signedIn))).ok).toBe(false);
    }
  }, 60_000);

  test("two parallel increments lose nothing", async () => {
    const { auth } = await makeStage(kind, { clients });
    const { session, user } = await arrive(auth, "app");
    const add = () =>
      auth.api.updateSession({
        sessionId: session.id,
        update: (data) => ({ count: Number(data.count ?? 0) + 1 }),
      });
    const times = rounds(1000);
    for (let i = 0; i < times; i++) {
      for (const written of await Promise.all([add(), add()])) expect(written.ok).toBe(true);
    }
    const read = await auth.api.updateSession({ sessionId: session.id, data: {} });
    expect(read.ok && read.session.data).toEqual({ count: 2 * times });
    expect(user.id).toBe(session.userId);
  }, 60_000);

  test("two devices that sign out all others at the same moment: exactly one stays", async () => {
    const { auth } = await makeStage(kind, { clients });
    for (let i = 0; i < rounds(500); i++) {
      const first = await arrive(auth, "app");
      const { email, user } = first;
      const second = await auth.api.signInEmail({ email, password, client: "app" });
      if (!second.ok) throw new Error(second.code);
      const answers = await Promise.all(
        [first, second].map(({ session }) =>
          auth.api.revokeOtherSessions({ userId: user.id, sessionId: session.id }),
        ),
      );
      const codes = answers.map((answer) => (answer.ok ? answer.revoked : answer.code));
      expect(codes.sort()).toEqual([1, "session_ended"]);
      const checks = await Promise.all([first, second].map((one) => auth.authenticate(carry(one))));
      expect(checks.map(({ ok }) => ok)).toEqual(answers.map(({ ok }) => ok));
    }
  }, 60_000);

  test("a ban that races sign-in, refresh and exchange leaves nothing live", async () => {
    const billing = "https://billing.example";
    const { auth, pass } = await makeStage(kind, { clients, audiences: { [billing]: {} } });
    for (let i = 0; i < rounds(500); i++) {
      const signedIn = await arrive(auth, "pair");
      const { email, user } = signedIn;
      const current = await auth.authenticate(carry(signedIn));
      if (!current.ok) throw new Error(current.code);
      pass(11);
      const [, fresh, refreshed] = await Promise.all([
        auth.api.banUser({ userId: user.id }),
        auth.api.signInEmail({ email, password, client: "app" }),
        auth.api.refresh({ refreshToken: refreshTokenOf(signedIn) }),
        auth.api.exchangeToken({ current, audience: billing }),
      ]);
      for (const one of [signedIn, fresh, refreshed]) {
        if (one.ok) expect((await auth.authenticate(carry(one))).ok).toBe(false);
      }
      expect(await auth.api.listSessions({ userId: user.id })).toEqual([]);
      expect((await auth.api.exchangeToken({ current, audience: billing })).ok).toBe(false);
    }
  }, 60_000);
});
