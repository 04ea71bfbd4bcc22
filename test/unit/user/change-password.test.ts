import type { Auth, Authenticated, RequestLike } from "latchkey";
import { LatchkeyError } from "latchkey";
import { describe, expect, test, vi } from "vitest";
import { bearerRequest, cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const newPassword = "another good password";

/** The accepted credential of a request. */
async function enter(auth: Auth, request: RequestLike): Promise<Authenticated> {
  const result = await auth.authenticate(request);
  if (!result.ok) throw new Error(`not accepted: ${result.code}`);
  return result;
}

describe("changing one's password", () => {
  test("keeps this session under a new credential, ends the others, and changes the password (P3)", async () => {
    const { auth } = makeStage();
    const here = await signUp(auth, email);
    const elsewhere = bearerRequest(credentialOf(await signIn(auth, email, "mobile")));
    const request = cookieRequest(credentialOf(here));
    const current = await enter(auth, request);
    const changed = await auth.api.changePassword({ current, currentPassword: password, newPassword });
    if (!changed.ok) return expect.fail(changed.code);

    expect(changed.session.id).toBe(here.session.id);
    expect(changed.session.expiresAt).toBe(here.session.expiresAt);
    const renewed = credentialOf(changed);
    expect(renewed).not.toBe(credentialOf(here));
    expect(await auth.authenticate(cookieRequest(renewed))).toHaveProperty("session.id", here.session.id);
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "credential_renewed" });
    expect(await auth.authenticate(elsewhere)).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.authenticate(cookieRequest(renewed))).toHaveProperty("ok", true);

    expect(await auth.api.signInEmail({ email, password })).toMatchObject({ code: "invalid_credentials" });
    expect(await auth.api.signInEmail({ email, password: newPassword })).toHaveProperty("ok", true);
  });

  test("with the wrong current password changes nothing", async () => {
    const { auth } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    const current = await enter(auth, request);
    for (const currentPassword of ["", "wrong", `${password} `, password.toUpperCase()]) {
      const change = { current, currentPassword, newPassword };
      expect(await auth.api.changePassword(change)).toEqual({ ok: false, code: "wrong_password" });
    }
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
    expect(await auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
  });

  test("twice at once with the same current password: exactly one wins", async () => {
    for (let round = 0; round < 20; round++) {
      const { auth } = makeStage();
      const current = await enter(auth, cookieRequest(credentialOf(await signUp(auth, email))));
      const passwords = [`first new password ${round}`, `second new password ${round}`];
      const results = await Promise.all(
        passwords.map((one) =>
          auth.api.changePassword({ current, currentPassword: password, newPassword: one }),
        ),
      );
      const winners = results.flatMap((result, i) => (result.ok ? [i] : []));
      expect(winners).toHaveLength(1);
      const loser = results.find((result) => !result.ok);
      expect(loser).toEqual({ ok: false, code: "conflict" });
      const accepted: number[] = [];
      for (const [i, one] of passwords.entries())
        if ((await auth.api.signInEmail({ email, password: one })).ok) accepted.push(i);
      expect(accepted).toEqual(winners);
      const [winner] = results.filter((result) => result.ok);
      if (winner === undefined) return expect.fail("nobody won");
      expect(await auth.authenticate(cookieRequest(credentialOf(winner)))).toHaveProperty("ok", true);
    }
  });

  test.each([
    ["a ban", (auth: Auth, userId: string) => auth.api.banUser({ userId })],
    ["a revocation", (auth: Auth, userId: string) => auth.api.revokeSessions({ userId })],
  ])("loses against %s that comes while the password is checked", async (_, happen) => {
    const { auth, hasher } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    const current = await enter(auth, request);
    const { verify } = hasher;
    vi.spyOn(hasher, "verify").mockImplementationOnce(async (hash, given) => {
      await happen(auth, current.user.id);
      return verify(hash, given);
    });
    const change = { current, currentPassword: password, newPassword };
    expect(await auth.api.changePassword(change)).toEqual({ ok: false, code: "conflict" });
    expect(await auth.authenticate(request)).toHaveProperty("ok", false);
    await auth.api.unbanUser({ userId: current.user.id });
    expect(await auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
  });

  test("by a plain JWT loses against a ban that comes after its first read of the store", async () => {
    let ban: (() => Promise<unknown>) | undefined;
    const { auth, store } = makeStage(
      { clients: { app: { transport: "bearer", strategy: "jwt" } } },
      (inner) => ({
        async readSession(...input) {
          const read = await inner.readSession(...input);
          await ban?.();
          return read;
        },
      }),
    );
    const current = await enter(auth, bearerRequest(credentialOf(await signUp(auth, email))));
    ban = () => store.banUser(current.user.id, { until: null, reason: null });
    const change = { current, currentPassword: password, newPassword };
    expect(await auth.api.changePassword(change)).toEqual({ ok: false, code: "account_unavailable" });
  });

  test("by a session that ended meanwhile is refused", async () => {
    const { auth } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    const current = await enter(auth, request);
    await auth.api.signOut(request);
    const change = { current, currentPassword: password, newPassword };
    expect(await auth.api.changePassword(change)).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
  });

  test.each([
    ["a plain JWT", false, "session_ended"],
    ["a JWT of a session that refreshes", true, "credential_renewed"],
  ])("with %s gives a new one; the sign-in it shows stays the old one", async (_, refresh, code) => {
    const app = { transport: "bearer", strategy: "jwt", refresh } as const;
    const { auth, advance } = makeStage({ clients: { app } });
    const here = await signUp(auth, email);
    const current = await enter(auth, bearerRequest(credentialOf(here)));
    advance(60_000);
    const changed = await auth.api.changePassword({ current, currentPassword: password, newPassword });
    if (!changed.ok) return expect.fail(changed.code);
    const result = await enter(auth, bearerRequest(credentialOf(changed)));
    expect(result.session).toMatchObject({ id: here.session.id, authTime: here.session.authTime });
    expect(await result.load()).toHaveProperty("ok", true);
    expect(await current.load()).toEqual({ ok: false, code });
  });

  test("with a plain JWT issued before a revocation is refused: it is no good for more than reading", async () => {
    const app = { transport: "bearer", strategy: "jwt", refresh: false } as const;
    const { auth } = makeStage({ clients: { app } });
    const current = await enter(auth, bearerRequest(credentialOf(await signUp(auth, email))));
    await auth.api.revokeSessions({ userId: current.user.id });
    const change = { current, currentPassword: password, newPassword };
    expect(await auth.api.changePassword(change)).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
  });

  test.each([
    [true, "; Max-Age=2592000"],
    [false, ""],
  ])("keeps a cookie's way of ending (rememberMe %s)", async (rememberMe, age) => {
    const { auth } = makeStage();
    const here = await auth.api.signUpEmail({ email, password, rememberMe });
    if (!here.ok) return expect.fail(here.code);
    const current = await enter(auth, cookieRequest(credentialOf(here)));
    const changed = await auth.api.changePassword({ current, currentPassword: password, newPassword });
    if (!changed.ok || changed.credentials.transport !== "cookie") return expect.fail("no cookie");
    expect(changed.credentials.setCookies[0]).toMatch(new RegExp(`; Secure${age}$`));
  });

  test("a hasher that is busy is a fault, and changes nothing", async () => {
    const { auth, hasher } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    const current = await enter(auth, request);
    vi.spyOn(hasher, "hash").mockRejectedValueOnce(new LatchkeyError("busy", "too many"));
    const change = { current, currentPassword: password, newPassword };
    await expect(auth.api.changePassword(change)).rejects.toMatchObject({ code: "busy" });
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
  });
});
