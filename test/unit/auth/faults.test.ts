import { LatchkeyError, type Store } from "latchkey";
import { describe, expect, test } from "vitest";
import { bearerRequest, cookieRequest, makeRequest } from "../../support/requests.ts";
import { baseURL, credentialOf, makeStage, password, type Stage, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const billing = "https://billing.example";
const clients = {
  web: { transport: "cookie", strategy: "session" },
  admin: { transport: "cookie", strategy: "session" },
  app: { transport: "bearer", strategy: "session" },
  api: { transport: "bearer", strategy: "jwt" },
} as const;

/** A stage whose store answers until it is told not to. */
function makeFaultyStage(): Stage & { readonly breakStore: () => void } {
  let broken = false;
  const stage = makeStage({ clients, audiences: { [billing]: {} } }, (inner) => {
    const methods = Object.entries(inner).map(([name, method]) => {
      const orFail = (...input: never[]): Promise<unknown> =>
        broken
          ? Promise.reject(new LatchkeyError("cannot_tell", "the database is down"))
          : (method as (...given: never[]) => Promise<unknown>)(...input);
      return [name, orFail];
    });
    return Object.fromEntries(methods) as Store;
  });
  const breakStore = (): void => {
    broken = true;
  };
  return { ...stage, breakStore };
}

const cannotTell = { name: "LatchkeyError", code: "cannot_tell", retryAfter: 1 };

describe("a store that cannot answer", () => {
  test("makes a check throw, never refuse", async () => {
    const { auth, breakStore } = makeFaultyStage();
    const cookie = credentialOf(await signUp(auth, email, "web"));
    const token = credentialOf(await signUp(auth, "bob@example.com", "app"));
    breakStore();
    for (const request of [cookieRequest(cookie), bearerRequest(token)]) {
      await expect(auth.authenticate(request)).rejects.toMatchObject(cannotTell);
      await expect(auth.api.getSession(request)).rejects.toMatchObject(cannotTell);
      await expect(auth.api.signOut(request)).rejects.toMatchObject(cannotTell);
    }
  });

  test("at the very first check too, and again at the next", async () => {
    const { auth, breakStore } = makeFaultyStage();
    breakStore();
    for (let i = 0; i < 2; i++)
      await expect(auth.authenticate(bearerRequest("lks_"))).rejects.toMatchObject(cannotTell);
    await expect(auth.start()).rejects.toMatchObject(cannotTell);
  });

  test("leaves alone what needs no store: JWTs, forgeries and requests without a credential", async () => {
    const { auth, breakStore } = makeFaultyStage();
    const jwt = credentialOf(await signUp(auth, email, "api"));
    breakStore();
    const result = await auth.authenticate(bearerRequest(jwt));
    if (!result.ok) return expect.fail(result.code);
    await expect(result.load()).rejects.toMatchObject(cannotTell);
    await expect(auth.api.getSession(bearerRequest(jwt))).rejects.toMatchObject(cannotTell);
    expect(await auth.authenticate(makeRequest({}))).toEqual({ ok: false, code: "credential_missing" });
    expect(await auth.authenticate(bearerRequest("lks_forged"))).toEqual({
      ok: false,
      code: "credential_invalid",
    });
  });

  test("is not covered up by another cookie of the same request, whichever comes first", async () => {
    const { auth, breakStore } = makeFaultyStage();
    const web = credentialOf(await signUp(auth, email, "web"));
    const admin = credentialOf(await signUp(auth, "bob@example.com", "admin"));
    breakStore();
    for (const cookie of [`${web}; __Host-latchkey-admin=forged`, `__Host-latchkey-web=forged; ${admin}`])
      await expect(auth.authenticate(cookieRequest(cookie))).rejects.toMatchObject(cannotTell);
  });

  test("makes every verb throw, never answer", async () => {
    const { auth, breakStore } = makeFaultyStage();
    const { user, session, ...rest } = await signUp(auth, email, "app");
    const current = await auth.authenticate(bearerRequest(credentialOf({ user, session, ...rest })));
    if (!current.ok) return expect.fail(current.code);
    const { credentials } = await signUp(auth, "bob@example.com", "api");
    if (!("refreshToken" in credentials)) return expect.fail("no refresh token");
    const { refreshToken } = credentials;
    breakStore();
    const [userId, sessionId] = [user.id, session.id];
    const { api } = auth;
    const verbs: { readonly [verb in keyof typeof api]: () => Promise<unknown> } = {
      signUpEmail: () => api.signUpEmail({ email: "eve@example.com", password, client: "app" }),
      signInEmail: () => api.signInEmail({ email, password, client: "app" }),
      signOut: () => api.signOut(bearerRequest(credentialOf({ user, session, ...rest }))),
      getSession: () => api.getSession(bearerRequest(credentialOf({ user, session, ...rest }))),
      updateSession: () => api.updateSession({ sessionId, data: {} }),
      listSessions: () => api.listSessions({ userId }),
      revokeSession: () => api.revokeSession({ sessionId, userId, current }),
      revokeOtherSessions: () => api.revokeOtherSessions({ userId, sessionId }),
      revokeSessions: () => api.revokeSessions({ userId }),
      changePassword: () =>
        api.changePassword({ current, currentPassword: password, newPassword: "another good one" }),
      getUser: () => api.getUser({ userId }),
      createUser: () => api.createUser({ email: "eve@example.com", password }),
      hasRole: () => api.hasRole({ role: "admin" }),
      updateUser: () => api.updateUser({ userId, name: null }),
      deleteUser: () => api.deleteUser({ userId, password }),
      banUser: () => api.banUser({ userId }),
      unbanUser: () => api.unbanUser({ userId }),
      userChanged: () => api.userChanged({ userId }),
      setRole: () => api.setRole({ userId, roles: [] }),
      revokeEverything: () => api.revokeEverything(),
      refresh: () => api.refresh({ refreshToken }),
      exchangeToken: () => api.exchangeToken({ current, audience: billing }),
      listUsers: () => api.listUsers(),
      listEvents: () => api.listEvents(),
      removeUser: () => api.removeUser({ userId }),
      rotateKeys: () => api.rotateKeys(),
      listVerifiers: () => api.listVerifiers(),
      listKeys: () => api.listKeys(),
    };
    expect(Object.keys(verbs).sort()).toEqual(Object.keys(api).sort());
    for (const [name, call] of Object.entries(verbs))
      await expect(call(), name).rejects.toMatchObject(cannotTell);
  });

  test("is a 503 over HTTP, with cookies kept (P27)", async () => {
    const { auth, breakStore } = makeFaultyStage();
    const cookie = credentialOf(await signUp(auth, email, "web"));
    breakStore();
    for (const [method, path] of [
      ["GET", "get-session"],
      ["POST", "sign-out"],
    ] as const) {
      const headers = { cookie, "sec-fetch-site": "same-origin" };
      const response = await auth.handler(new Request(`${baseURL}/api/auth/${path}`, { method, headers }));
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).not.toContain("database");
    }
  });
});

test("a closed authenticator cannot tell", async () => {
  const { auth } = makeStage();
  const cookie = credentialOf(await signUp(auth, email));
  await auth.close();
  await expect(auth.authenticate(cookieRequest(cookie))).rejects.toMatchObject(cannotTell);
});
