import type { Auth } from "latchkey";
import { describe, expect, test } from "vitest";
import { arrive, carry, makeStage, password, refresh, refreshTokenOf, storeNames } from "./stage.ts";

const clients = { app: { transport: "bearer", strategy: "jwt-allowlist" } } as const;

async function liveSessions(auth: Auth, userId: string): Promise<number> {
  return (await auth.api.listSessions({ userId })).length;
}

describe.each(storeNames)("over %s", (kind) => {
  test("50 parallel refreshes of one token: all hold the same successor, one rotation, nobody is out", async () => {
    const { auth, pass } = await makeStage(kind, { clients });
    const tokens = kind === "memory" ? 200 : 20;
    for (let i = 0; i < tokens; i++) {
      const signedIn = await arrive(auth, "app");
      pass(11);
      const parent = refreshTokenOf(signedIn);
      const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(auth, parent)));
      const successors = new Set(answers.map(refreshTokenOf));
      expect(successors.size).toBe(1);
      expect(successors.has(parent)).toBe(false);
      expect(await liveSessions(auth, signedIn.user.id)).toBe(1);
      for (const answer of answers) expect((await auth.authenticate(carry(answer))).ok).toBe(true);
    }
  }, 60_000);

  test("1,000 lost answers asked for again: all succeed, with the same successor", async () => {
    const { auth, pass } = await makeStage(kind, { clients });
    let held = refreshTokenOf(await arrive(auth, "app"));
    for (let i = 0; i < 1000; i++) {
      pass(11);
      const lost = await refresh(auth, held);
      pass(9);
      const again = await refresh(auth, held);
      expect(refreshTokenOf(again)).toBe(refreshTokenOf(lost));
      held = refreshTokenOf(again);
    }
  }, 60_000);

  test.each([
    ["a grandparent", 2, 0],
    ["a parent after the window", 1, 11],
  ])("%s is theft: the session ends everywhere, with an event", async (_, rotations, wait) => {
    const { auth, pass } = await makeStage(kind, { clients });
    const signedIn = await arrive(auth, "app");
    const stolen = refreshTokenOf(signedIn);
    let newest = signedIn as Awaited<ReturnType<typeof refresh>>;
    for (let i = 0; i < rotations; i++) {
      pass(11);
      newest = await refresh(auth, refreshTokenOf(newest));
    }
    pass(wait);
    expect(await auth.api.refresh({ refreshToken: stolen })).toEqual({ ok: false, code: "refresh_reused" });
    expect(await auth.authenticate(carry(newest))).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.api.refresh({ refreshToken: refreshTokenOf(newest) })).toMatchObject({ ok: false });
    const events = await auth.api.listEvents({ type: "refresh_reused" });
    expect(events).toMatchObject([{ userId: signedIn.user.id, sessionId: signedIn.session.id }]);
  });

  test("a refresh reads standing again, and a password change leaves no older pair", async () => {
    const { auth, pass } = await makeStage(kind, { clients });
    const banned = await arrive(auth, "app");
    pass(11);
    await auth.api.banUser({ userId: banned.user.id });
    expect(await auth.api.refresh({ refreshToken: refreshTokenOf(banned) })).toMatchObject({ ok: false });
    const careful = await arrive(auth, "app");
    const current = await auth.authenticate(carry(careful));
    if (!current.ok) throw new Error(current.code);
    const newPassword = "another horse battery staple";
    const renewed = await auth.api.changePassword({ current, currentPassword: password, newPassword });
    if (!renewed.ok) throw new Error(renewed.code);
    const old = await auth.api.refresh({ refreshToken: refreshTokenOf(careful) });
    expect(old, "no theft, and nothing ends").toEqual({ ok: false, code: "credential_renewed" });
    pass(11);
    expect((await auth.authenticate(carry(await refresh(auth, refreshTokenOf(renewed))))).ok).toBe(true);
  });
});

test("five tabs on one cookie jar, answers late and out of order: of 1,000 users nobody is signed out", async () => {
  const { auth, pass } = await makeStage("memory", { clients });
  const jars: string[] = [];
  for (let i = 0; i < 1000; i++) jars.push(refreshTokenOf(await arrive(auth, "app")));
  for (let round = 0; round < 10; round++) {
    pass(900);
    for (const [user, jar] of jars.entries()) {
      // Each tab sends what the jar held when it woke up; the jar keeps whatever answer comes last.
      const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(auth, jar)));
      const last = answers[(user + round) % 5];
      if (last === undefined) throw new Error("no answer");
      jars[user] = refreshTokenOf(last);
    }
    pass(3);
    // A late tab that still has the parent's answer under way.
    for (const jar of jars.slice(0, 100)) await refresh(auth, jar);
  }
}, 60_000);
