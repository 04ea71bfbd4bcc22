import { describe, expect, test } from "vitest";
import { bearerRequest, cookieRequest, makeRequest } from "../../support/requests.ts";
import { baseURL, credentialOf, makeStage, password, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const ended = { ok: false, code: "session_ended" };

/** A JWT that stands alone: no refresh token, no session row. */
const plainJwt = { transport: "bearer", strategy: "jwt", refresh: false } as const;

describe("sign-out", () => {
  test("ends the session, for good", async () => {
    const { auth } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    await auth.api.signOut(request);
    expect(await auth.authenticate(request)).toEqual(ended);
    expect(await auth.api.getSession(request)).toBeNull();
  });

  test("of one device leaves the others", async () => {
    const { auth } = makeStage();
    const first = cookieRequest(credentialOf(await signUp(auth, email)));
    const second = cookieRequest(credentialOf(await signIn(auth, email)));
    await auth.api.signOut(first);
    expect(await auth.authenticate(second)).toHaveProperty("ok", true);
  });

  test("ends every session whose cookie is sent, and clears them all", async () => {
    const clients = {
      web: { transport: "cookie", strategy: "session" },
      admin: { transport: "cookie", strategy: "session" },
    } as const;
    const { auth } = makeStage({ clients });
    const web = credentialOf(await signUp(auth, email, "web"));
    const admin = credentialOf(await signIn(auth, email, "admin"));
    const signedOut = await auth.api.signOut(cookieRequest(`${web}; ${admin}`));
    expect(signedOut.ok && signedOut.setCookies.map((cookie) => cookie.split("=")[0])).toEqual([
      "__Host-latchkey-web",
      "__Host-latchkey-admin",
    ]);
    for (const cookie of [web, admin]) expect(await auth.authenticate(cookieRequest(cookie))).toEqual(ended);
  });

  test("by Bearer ends that session and touches no cookie (P26)", async () => {
    const { auth } = makeStage();
    const cookie = credentialOf(await signUp(auth, email));
    const token = credentialOf(await signIn(auth, email, "mobile"));
    const both = makeRequest({ authorization: `Bearer ${token}`, cookie });
    expect(await auth.api.signOut(both)).toEqual({ ok: true, setCookies: [] });
    expect(await auth.authenticate(bearerRequest(token))).toEqual(ended);
    expect(await auth.authenticate(cookieRequest(cookie))).toHaveProperty("ok", true);
  });

  test("of a plain JWT says until when it lives on (P30)", async () => {
    const { auth, now } = makeStage({ clients: { app: plainJwt } });
    const request = bearerRequest(credentialOf(await signUp(auth, email)));
    const until = now() + 900_000;
    expect(await auth.api.signOut(request)).toEqual({ ok: true, setCookies: [], until });
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
  });

  test.each([
    ["forged", "lks_forged"],
    ["expired", undefined],
  ])("of a %s credential is done already", async (_, forged) => {
    const { auth, advance } = makeStage();
    const token = credentialOf(await signUp(auth, email, "mobile"));
    advance(31 * 86_400_000);
    expect(await auth.api.signOut(bearerRequest(forged ?? token))).toEqual({ ok: true, setCookies: [] });
  });

  describe.each(["jwt", "jwt-denylist", "jwt-allowlist"] as const)(
    "with an access token of %s",
    (strategy) => {
      const clients = { app: { transport: "bearer", strategy } } as const;

      test("that merely expired ends the session (P27)", async () => {
        const { auth, advance } = makeStage({ clients });
        const { credentials, session, ...rest } = await signUp(auth, email);
        advance(3_600_000);
        const request = bearerRequest(credentialOf({ credentials, session, ...rest }));
        expect(await auth.api.signOut(request)).toMatchObject({ ok: true, setCookies: [] });
        const refreshToken = "refreshToken" in credentials ? credentials.refreshToken : "";
        expect(await auth.api.refresh({ refreshToken })).toEqual(ended);
      });

      test("from before the password was changed ends nothing: it may be what it was changed for (P3)", async () => {
        const { auth, advance, now } = makeStage({ clients });
        const stolen = credentialOf(await signUp(auth, email));
        const current = await auth.authenticate(bearerRequest(stolen));
        if (!current.ok) return expect.fail(current.code);
        const newPassword = "another horse battery staple";
        const renewed = await auth.api.changePassword({ current, currentPassword: password, newPassword });
        if (!renewed.ok) return expect.fail(renewed.code);
        for (const later of [0, 3_600_000]) {
          advance(later);
          const lives = strategy === "jwt" && later === 0 ? { until: now() + 900_000 } : {};
          const done = { ok: true, setCookies: [], ...lives };
          expect(await auth.api.signOut(bearerRequest(stolen))).toEqual(done);
        }
        // Nor is the session the one that a sign-in replaces.
        const request = bearerRequest(stolen);
        await auth.api.signInEmail({ email, password: newPassword, client: "app" }, { request });
        const { credentials } = renewed;
        const refreshToken = "refreshToken" in credentials ? credentials.refreshToken : "";
        expect(await auth.api.refresh({ refreshToken })).toMatchObject({ ok: true });
      });

      test("by a key that was compromised ends nothing", async () => {
        const { auth, store } = makeStage({ clients });
        const { credentials, ...rest } = await signUp(auth, email);
        const other = makeStage({ clients, store });
        await other.auth.start();
        await auth.api.rotateKeys({ compromised: true });
        const request = bearerRequest(credentialOf({ credentials, ...rest }));
        expect(await other.auth.api.signOut(request)).toEqual({ ok: true, setCookies: [] });
        const refreshToken = "refreshToken" in credentials ? credentials.refreshToken : "";
        expect(await auth.api.refresh({ refreshToken })).toMatchObject({ ok: true });
      });
    },
  );

  test("by a page of another site is refused and ends nothing", async () => {
    const { auth } = makeStage();
    const cookie = credentialOf(await signUp(auth, email));
    const request = makeRequest({ cookie, "sec-fetch-site": "cross-site" }, "POST");
    expect(await auth.api.signOut(request)).toEqual({ ok: false, code: "csrf_refused" });
    expect(await auth.authenticate(cookieRequest(cookie))).toHaveProperty("ok", true);
  });

  test("over HTTP by Bearer, without a body, is no matter of origins (P26)", async () => {
    const { auth } = makeStage();
    const authorization = `Bearer ${credentialOf(await signUp(auth, email, "mobile"))}`;
    const headers = { authorization };
    const response = await auth.handler(
      new Request(`${baseURL}/api/auth/sign-out`, { method: "POST", headers }),
    );
    expect(response.status).toBe(200);
  });

  test("with a cookie twice is refused", async () => {
    const { auth } = makeStage();
    const cookie = credentialOf(await signUp(auth, email));
    expect(await auth.api.signOut(cookieRequest(`${cookie}; ${cookie}`))).toMatchObject({
      code: "credential_invalid",
    });
  });
});

describe("getSession", () => {
  test("shows the session and the user", async () => {
    const { auth } = makeStage();
    const { session, user, ...rest } = await signUp(auth, email);
    const shown = await auth.api.getSession(cookieRequest(credentialOf({ session, user, ...rest })));
    expect(shown).toEqual({ ok: true, session, user, permissions: [] });
  });

  test("shows what the roles are granted, each once, by the store's word", async () => {
    const roles = { editor: ["post:*", "comment:read"], reader: ["comment:read"] };
    const { auth } = makeStage({ roles });
    const signedIn = await signUp(auth, email);
    const request = cookieRequest(credentialOf(signedIn));
    await auth.api.setRole({ userId: signedIn.user.id, roles: ["editor", "reader"] });
    expect(await auth.api.getSession(request)).toMatchObject({ permissions: ["post:*", "comment:read"] });
  });

  test.each(["cookie", "bearer"] as const)(
    "by %s: says when an access token expires that can be refreshed",
    async (transport) => {
      const clients = { app: { transport, strategy: "jwt-denylist" } } as const;
      const { auth, advance } = makeStage({ clients });
      const signedIn = await signUp(auth, email);
      const { expiresIn } = signedIn.credentials;
      expect(expiresIn).toBe(900);
      const token = credentialOf(signedIn);
      const request = transport === "cookie" ? cookieRequest(token) : bearerRequest(token);
      advance(600_000);
      expect(await auth.api.getSession(request)).toMatchObject({ expiresIn: 300 });
    },
  );

  test("is null only if nothing was sent or the session has ended (P28)", async () => {
    const { auth, advance } = makeStage();
    const signedIn = await signUp(auth, email);
    const request = cookieRequest(credentialOf(signedIn));
    expect(await auth.api.getSession(makeRequest({}))).toBeNull();
    expect(await auth.api.getSession(cookieRequest("__Host-latchkey-web=forged"))).toEqual({
      ok: false,
      code: "credential_invalid",
    });
    expect(await auth.api.getSession(makeRequest({ authorization: "Bearer" }))).toEqual({
      ok: false,
      code: "credential_invalid",
    });
    advance(8 * 86_400_000);
    expect(await auth.api.getSession(request)).toBeNull();
  });

  test("of an expired access token is access_expired, not null", async () => {
    const { auth, advance } = makeStage({ clients: { app: { transport: "bearer", strategy: "jwt" } } });
    const request = bearerRequest(credentialOf(await signUp(auth, email)));
    advance(900_000);
    expect(await auth.api.getSession(request)).toEqual({ ok: false, code: "access_expired" });
  });
});

describe("devices", () => {
  test("are listed newest first, with readable names and no credential", async () => {
    const { auth, advance, now } = makeStage();
    const first = await signUp(auth, email, "mobile");
    advance(1000);
    const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
    const input = { email, password };
    const context = { request: makeRequest({ "user-agent": firefox }), remoteAddress: "192.0.2.7" };
    const second = await auth.api.signInEmail(input, context);
    if (!second.ok) return expect.fail(second.code);
    const times = { createdAt: now(), lastSeenAt: now(), expiresAt: now() + 30 * 86_400_000 };
    const list = await auth.api.listSessions({ userId: first.user.id });
    expect(list).toEqual([
      {
        id: second.session.id,
        client: "web",
        device: "Firefox on Linux",
        ipAddress: "192.0.2.7",
        userAgent: firefox,
        ...times,
      },
      {
        id: first.session.id,
        client: "mobile",
        device: null,
        ipAddress: null,
        userAgent: null,
        createdAt: times.createdAt - 1000,
        lastSeenAt: times.lastSeenAt - 1000,
        expiresAt: times.expiresAt - 1000,
      },
    ]);
  });

  test("have names as people say them, the same each time; the 200 newest are listed", async () => {
    const { auth, advance } = makeStage();
    const { user } = await signUp(auth, email);
    const agents = ["", "curl/8.5.0", "x".repeat(600)];
    for (let i = 0; i < 202; i++) {
      advance(1000);
      const userAgent = agents[i % agents.length] ?? "";
      await auth.api.signInEmail({ email, password }, { request: makeRequest({ "user-agent": userAgent }) });
    }
    const list = await auth.api.listSessions({ userId: user.id });
    expect(list).toHaveLength(200);
    expect(list.map(({ createdAt }) => createdAt)).toEqual(
      list
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    );
    for (const userAgent of agents) {
      const named = list
        .filter((one) => one.userAgent === userAgent.slice(0, 512))
        .map(({ device }) => device);
      expect(new Set(named).size).toBe(1);
    }
    expect(await auth.api.listSessions({ userId: user.id })).toEqual(list);
  });

  test("one is signed out by its id, by its owner alone", async () => {
    const { auth } = makeStage();
    const ada = await signUp(auth, email);
    const bob = await signUp(auth, "bob@example.com");
    const request = cookieRequest(credentialOf(ada));
    const sessionId = ada.session.id;
    const notFound = { ok: false, code: "session_not_found" };
    expect(await auth.api.revokeSession({ sessionId, userId: bob.user.id })).toEqual(notFound);
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
    expect(await auth.api.revokeSession({ sessionId, userId: ada.user.id })).toEqual({
      ok: true,
      revoked: 1,
    });
    expect(await auth.authenticate(request)).toEqual(ended);
    expect(await auth.api.revokeSession({ sessionId, userId: ada.user.id })).toEqual(notFound);
  });

  test("one of a client that is not configured any more is ended all the same", async () => {
    const { auth, store } = makeStage();
    const phone = await signUp(auth, email, "mobile");
    const clients = { web: { transport: "cookie", strategy: "session" } } as const;
    const later = makeStage({ store, clients });
    const [{ id } = { id: "" }] = await later.auth.api.listSessions({ userId: phone.user.id });
    const by = { sessionId: id, userId: phone.user.id };
    expect(await later.auth.api.revokeSession(by)).toEqual({
      ok: true,
      revoked: 1,
      until: expect.any(Number),
    });
    expect(await auth.authenticate(bearerRequest(credentialOf(phone)))).toEqual(ended);
  });

  test("one's own plain JWT cannot be taken back, and it is said until when it lives (P28)", async () => {
    const { auth, now } = makeStage({ clients: { app: plainJwt } });
    const current = await auth.authenticate(bearerRequest(credentialOf(await signUp(auth, email))));
    if (!current.ok) return expect.fail(current.code);
    const input = { sessionId: current.session.id, userId: current.user.id, current };
    const until = now() + 900_000;
    expect(await auth.api.revokeSession(input)).toEqual({ ok: false, code: "not_revocable", until });
  });

  test("a session that a client has from before it went without refresh tokens can be ended", async () => {
    const before = makeStage({ clients: { app: { transport: "bearer", strategy: "jwt" } } });
    const { session, user, credentials } = await signUp(before.auth, email);
    const { auth } = makeStage({ clients: { app: plainJwt }, store: before.store, clock: before.now });
    const [listed] = await auth.api.listSessions({ userId: user.id });
    expect(listed?.id).toBe(session.id);
    const input = { sessionId: session.id, userId: user.id };
    expect(await auth.api.revokeSession(input)).toEqual({
      ok: true,
      revoked: 1,
      until: before.now() + 900_000,
    });
    expect(await auth.api.listSessions({ userId: user.id })).toEqual([]);
    const again = await signIn(before.auth, email);
    const refreshToken = "refreshToken" in again.credentials ? again.credentials.refreshToken : undefined;
    // Signing out with what is left of it, either way.
    await auth.api.signOut(makeRequest({}), { refreshToken });
    await auth.api.signOut(bearerRequest(credentialOf(await signIn(before.auth, email))));
    expect(await auth.api.listSessions({ userId: user.id })).toEqual([]);
    expect(credentials.transport).toBe("bearer");
  });

  test("the others are signed out, or all of them", async () => {
    const { auth } = makeStage();
    const here = await signUp(auth, email);
    const others = [await signIn(auth, email), await signIn(auth, email, "mobile")];
    const bob = cookieRequest(credentialOf(await signUp(auth, "bob@example.com")));
    const { id: userId } = here.user;
    const request = cookieRequest(credentialOf(here));
    expect(await auth.api.revokeOtherSessions({ userId, sessionId: here.session.id })).toEqual({
      ok: true,
      revoked: others.length,
    });
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
    expect(await auth.api.revokeSessions({ userId })).toEqual({ ok: true, revoked: 1 });
    expect(await auth.authenticate(request)).toEqual(ended);
    expect(await auth.authenticate(bob)).toHaveProperty("ok", true);
  });

  test("where a client has plain JWTs, it is said until when one may live on", async () => {
    const web = { transport: "cookie", strategy: "session" } as const;
    const { auth, now } = makeStage({ clients: { web, api: plainJwt }, access: { expiresIn: 60 } });
    const { user, session } = await signUp(auth, email, "web");
    const until = now() + 60_000;
    const others = { userId: user.id, sessionId: session.id };
    expect(await auth.api.revokeOtherSessions(others)).toEqual({ ok: true, revoked: 0, until });
    expect(await auth.api.revokeSessions({ userId: user.id })).toEqual({ ok: true, revoked: 1, until });
  });

  test("revoke-everything ends every session of everybody; a new sign-in holds (P31)", async () => {
    const { auth } = makeStage();
    const ada = cookieRequest(credentialOf(await signUp(auth, email)));
    const bob = cookieRequest(credentialOf(await signUp(auth, "bob@example.com")));
    await auth.api.revokeEverything();
    expect(await auth.authenticate(ada)).toEqual(ended);
    expect(await auth.authenticate(bob)).toEqual(ended);
    const again = cookieRequest(credentialOf(await signIn(auth, email)));
    expect(await auth.authenticate(again)).toHaveProperty("ok", true);
  });
});
