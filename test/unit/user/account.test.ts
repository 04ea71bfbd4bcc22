import { describe, expect, test } from "vitest";
import { cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const missing = { ok: false, code: "user_not_found" };

describe("users", () => {
  test("are made with roles, or as the first of a role, of whom there is one", async () => {
    const { auth } = makeStage();
    expect(await auth.api.hasRole({ role: "admin" })).toBe(false);
    const first = { password, roles: ["admin"], firstOf: "admin", name: "Ada" };
    const made = await Promise.all(
      [1, 2, 3, 4, 5].map((i) => auth.api.createUser({ ...first, email: `ada${i}@example.com` })),
    );
    expect(made.map((one) => (one.ok ? one.user.name : one.code)).sort()).toEqual([
      "Ada",
      ...Array.from({ length: 4 }, () => "role_taken"),
    ]);
    expect(await auth.api.hasRole({ role: "admin" })).toBe(true);
    expect(await auth.api.hasRole({ role: "adm" })).toBe(false);
  });

  test("are found by id and by address, without their secrets", async () => {
    const { auth } = makeStage();
    const { user } = await signUp(auth, email);
    expect(await auth.api.getUser({ userId: user.id })).toEqual(user);
    expect(await auth.api.getUser({ email })).toEqual(user);
    expect(await auth.api.getUser({ userId: email })).toBeUndefined();
    expect(await auth.api.getUser({ email: user.id })).toBeUndefined();
  });

  test("change their name and are given roles; those who are not there are said so", async () => {
    const { auth } = makeStage();
    const { user } = await signUp(auth, email);
    expect(await auth.api.updateUser({ userId: user.id, name: "Ada" })).toMatchObject({
      user: { name: "Ada" },
    });
    expect(await auth.api.setRole({ userId: user.id, roles: ["editor"] })).toMatchObject({
      user: { roles: ["editor"], name: "Ada" },
    });
    expect(await auth.api.updateUser({ userId: "nobody", name: null })).toEqual(missing);
    expect(await auth.api.setRole({ userId: "nobody", roles: [] })).toEqual(missing);
    expect(await auth.api.banUser({ userId: "nobody" })).toEqual(missing);
    expect(await auth.api.unbanUser({ userId: "nobody" })).toEqual(missing);
    expect(await auth.api.deleteUser({ userId: "nobody", password })).toEqual(missing);
  });

  test("a role given or taken shows at the next check of a session", async () => {
    const { auth } = makeStage();
    // Somebody must stay in charge.
    await auth.api.createUser({ email: "root@example.com", password, roles: ["admin"] });
    const signedIn = await signUp(auth, email);
    const request = cookieRequest(credentialOf(signedIn));
    const can = async (): Promise<boolean> => {
      const result = await auth.authenticate(request);
      return result.ok && result.can("post:write");
    };
    expect(await can()).toBe(false);
    const { id: userId } = signedIn.user;
    expect(await auth.api.setRole({ userId, roles: ["admin"] })).toHaveProperty("ok", true);
    expect(await can()).toBe(true);
    expect(await auth.api.setRole({ userId, roles: [] })).toHaveProperty("ok", true);
    expect(await can()).toBe(false);
  });
});

describe("deleting oneself", () => {
  test("needs the password and ends everything at once", async () => {
    const { auth } = makeStage();
    const { user, ...signedIn } = await signUp(auth, email);
    const requests = [signedIn, await signIn(auth, email)].map((one) =>
      cookieRequest(credentialOf({ ...one, user })),
    );
    const wrong = { userId: user.id, password: "wrong password" };
    expect(await auth.api.deleteUser(wrong)).toEqual({ ok: false, code: "wrong_password" });
    expect(await auth.api.deleteUser({ userId: user.id, password })).toEqual({ ok: true, revoked: 2 });
    for (const request of requests)
      expect(await auth.authenticate(request)).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.api.getUser({ userId: user.id })).toBeUndefined();
    expect(await auth.api.signInEmail({ email, password })).toEqual({
      ok: false,
      code: "invalid_credentials",
    });
    expect(await auth.api.signUpEmail({ email, password })).toHaveProperty("ok", true);
  });
});

describe("a ban", () => {
  test("ends every session, keeps the person out, and revives nothing when it is lifted (P1)", async () => {
    const { auth } = makeStage();
    const signedIn = await signUp(auth, email);
    await signIn(auth, email, "mobile");
    const request = cookieRequest(credentialOf(signedIn));
    const userId = signedIn.user.id;
    expect(await auth.api.banUser({ userId, reason: "spam" })).toEqual({ ok: true, revoked: 2 });
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.api.signInEmail({ email, password })).toEqual({ ok: false, code: "user_banned" });
    expect(await auth.api.unbanUser({ userId })).toMatchObject({ user: { status: "active" } });
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "session_ended" });
    expect(await auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1000 * 365 * 86_400])(
    "for %d seconds is none, and bans nobody",
    async (expiresIn) => {
      const { auth } = makeStage();
      const signedIn = await signUp(auth, email);
      expect(await auth.api.banUser({ userId: signedIn.user.id, expiresIn })).toEqual({
        ok: false,
        code: "invalid_input",
        detail: "expiresIn: a positive number of seconds.",
      });
      expect(await auth.authenticate(cookieRequest(credentialOf(signedIn)))).toHaveProperty("ok", true);
    },
  );

  test("with an end is over when the clock says so, and revives nothing either", async () => {
    const { auth, advance } = makeStage();
    const signedIn = await signUp(auth, email);
    const request = cookieRequest(credentialOf(signedIn));
    await auth.api.banUser({ userId: signedIn.user.id, expiresIn: 3600 });
    advance(3_599_999);
    expect(await auth.api.signInEmail({ email, password })).toEqual({ ok: false, code: "user_banned" });
    advance(1);
    expect(await auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "session_ended" });
  });

  // The record keeps the word until somebody changes it; what is shown goes by the clock, as the judges do.
  test("that is over is not shown any more", async () => {
    const { auth, advance } = makeStage();
    const { user } = await signUp(auth, email);
    await auth.api.banUser({ userId: user.id, expiresIn: 3600 });
    advance(3_600_000);
    const signedIn = await signIn(auth, email);
    expect(signedIn.user.status).toBe("active");
  });
});
