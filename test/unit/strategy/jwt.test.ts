import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { baseURL, credentialOf, makeStage, password, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
/** Clients whose JWTs have a refresh token, and thereby a session row, or stand alone. */
const clientsWith = (refresh: boolean) =>
  ({ app: { transport: "bearer", strategy: "jwt", refresh } }) as const;

describe.each([false, true])("strategy jwt (refresh: %s)", (refresh) => {
  const clients = clientsWith(refresh);

  test("carries the claims of RFC 9068 and the epochs (P1)", async () => {
    const { auth, now, advance } = makeStage({ clients });
    await auth.api.createUser({ email, password, roles: ["editor"] });
    advance(789);
    const signedIn = await signIn(auth, email);
    const iat = Math.floor(now() / 1000);
    expect(decodeJwt(credentialOf(signedIn))).toEqual({
      iss: `${baseURL}/api/auth`,
      aud: baseURL,
      sub: signedIn.user.id,
      client_id: "app",
      iat,
      exp: iat + 900,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      sid: signedIn.session.id,
      auth_time: iat,
      amr: ["pwd"],
      roles: ["editor"],
      ver: 0,
      epo: [0, 0, 0],
      ...(refresh ? { sst: iat, sex: iat + 90 * 86_400 } : {}),
    });
  });

  test("carries the epochs and the version of its moment", async () => {
    const { auth } = makeStage({ clients });
    const { user } = await signUp(auth, email);
    await auth.api.setRole({ userId: user.id, roles: ["editor"] });
    await auth.api.revokeSessions({ userId: user.id });
    await auth.api.revokeEverything();
    const raised = auth.now();
    const claims = decodeJwt(credentialOf(await signIn(auth, email)));
    expect(claims).toMatchObject({ ver: raised, epo: [raised, raised, 0] });
  });

  test("a check asks the store nothing and answers at once; a sign-in writes a session only to refresh it", async () => {
    const { auth, calls } = makeStage({ clients });
    const signedIn = await signUp(auth, email);
    expect(await auth.api.listSessions({ userId: signedIn.user.id })).toHaveLength(refresh ? 1 : 0);
    calls.length = 0;
    const result = auth.authenticate(bearerRequest(credentialOf(signedIn)));
    expect(result).not.toBeInstanceOf(Promise);
    expect(result).toHaveProperty("ok", true);
    expect(calls).toEqual([]);
  });

  test("lives as long as configured, and says so", async () => {
    const { auth, advance } = makeStage({ clients, access: { expiresIn: 60 } });
    const signedIn = await signUp(auth, email);
    expect(signedIn.credentials).toMatchObject({ expiresIn: 60 });
    const request = bearerRequest(credentialOf(signedIn));
    advance(59_999);
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
    advance(1);
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "access_expired" });
  });

  test("each token is another", async () => {
    const { auth } = makeStage({ clients });
    await signUp(auth, email);
    const claims = await Promise.all(
      [1, 2, 3].map(async () => decodeJwt(credentialOf(await signIn(auth, email)))),
    );
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3);
    expect(new Set(claims.map(({ sid }) => sid)).size).toBe(3);
    for (const { jti, sid } of claims) expect(jti).not.toBe(sid);
  });

  test("a ban stops no token that is out, but new ones, and its next read of the store", async () => {
    const { auth } = makeStage({ clients });
    const signedIn = await signUp(auth, email);
    const request = bearerRequest(credentialOf(signedIn));
    await auth.api.banUser({ userId: signedIn.user.id });
    const result = await auth.authenticate(request);
    if (!result.ok) return expect.fail(result.code);
    expect((await result.load()).ok).toBe(false);
    expect(await auth.api.getSession(request)).toBeNull();
    expect(await auth.api.signInEmail({ email, password })).toEqual({ ok: false, code: "user_banned" });
  });

  test.each([
    ["the user's", "revokeSessions"],
    ["the global", "revokeEverything"],
  ] as const)("a token that carries a lower epoch than %s loads nothing (P1)", async (_, verb) => {
    const { auth } = makeStage({ clients });
    const { user, ...rest } = await signUp(auth, email);
    const result = await auth.authenticate(bearerRequest(credentialOf({ ...rest, user })));
    if (!result.ok) return expect.fail(result.code);
    expect(await result.load()).toHaveProperty("ok", true);
    await auth.api[verb]({ userId: user.id });
    expect(await result.load()).toEqual({ ok: false, code: "session_ended" });
  });

  test("a token of a deleted user loads nothing", async () => {
    const { auth } = makeStage({ clients });
    const { user, ...rest } = await signUp(auth, email);
    const request = bearerRequest(credentialOf({ ...rest, user }));
    await auth.api.deleteUser({ userId: user.id, password });
    expect(await auth.api.getSession(request)).toBeNull();
  });
});
