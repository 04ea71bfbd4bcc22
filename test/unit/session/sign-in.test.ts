import { LatchkeyError, type SessionId, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test, vi } from "vitest";
import { bearerRequest, cookieRequest, makeRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, type Stage, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const newPassword = "another good password";

/** A hasher's verify that lets something happen while it works, once. */
function meanwhile({ hasher }: Stage, happen: () => Promise<unknown>): void {
  const { verify } = hasher;
  vi.spyOn(hasher, "verify").mockImplementationOnce(async (hash, given) => {
    const right = await verify(hash, given);
    await happen();
    return right;
  });
}

describe("a sign-in", () => {
  test("makes a session of the configured life, with its device and address", async () => {
    const { auth, now } = makeStage({ session: { expiresIn: 3600, idleTimeout: 600 } });
    await signUp(auth, email);
    const request = makeRequest({ "user-agent": `Test/1.0 ${"x".repeat(600)}` });
    const context = { request, remoteAddress: "192.0.2.7" };
    const signedIn = await auth.api.signInEmail({ email, password }, context);
    if (!signedIn.ok) return expect.fail(signedIn.code);
    expect(signedIn.user).toMatchObject({ email, roles: [], status: "active" });
    expect(signedIn.session).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      userId: signedIn.user.id,
      client: "web",
      createdAt: now(),
      lastSeenAt: now(),
      authTime: now(),
      expiresAt: now() + 3_600_000,
      amr: ["pwd"],
      ip: "192.0.2.7",
      userAgent: `Test/1.0 ${"x".repeat(503)}`,
      data: {},
    });
  });

  test("shows neither the password's hash nor the epochs", async () => {
    const { auth } = makeStage();
    const signedIn = await signUp(auth, email);
    expect(Object.keys(signedIn.user)).toEqual(["id", "email", "name", "roles", "status", "createdAt"]);
    expect(JSON.stringify(signedIn)).not.toMatch(/hash|\$plain\$|epoch/i);
  });

  test("not to be remembered ends after a day, or earlier if all sessions do", async () => {
    for (const [expiresIn, expected] of [
      [30 * 86_400, 86_400],
      [3600, 3600],
    ] as const) {
      const { auth, now } = makeStage({ session: { expiresIn } });
      const signedIn = await auth.api.signUpEmail({ email, password, rememberMe: false });
      expect(signedIn.ok && signedIn.session.expiresAt).toBe(now() + expected * 1000);
    }
  });

  test("needs a client that exists: named, the only one, or web", async () => {
    const { auth } = makeStage();
    await signUp(auth, email);
    expect((await signIn(auth, email)).session.client).toBe("web");
    expect((await signIn(auth, email, "mobile")).session.client).toBe("mobile");
    expect(await auth.api.signInEmail({ email, password, client: "tv" })).toEqual({
      ok: false,
      code: "invalid_input",
      detail: "client: name one of web, mobile.",
    });
    for (const client of ["", "Web", "constructor", "__proto__"])
      expect(await auth.api.signInEmail({ email, password, client })).toMatchObject({
        code: "invalid_input",
      });
    const only = makeStage({ clients: { tv: { transport: "bearer", strategy: "session" } } });
    expect((await signUp(only.auth, email)).session.client).toBe("tv");
  });
});

describe("a sign-up", () => {
  test("may be closed, or allowed to some", async () => {
    const closed = makeStage({ signUp: { enabled: false } });
    expect(await closed.auth.api.signUpEmail({ email, password })).toEqual({
      ok: false,
      code: "sign_up_disabled",
    });
    const asked: unknown[] = [];
    const allow = async (candidate: { email: string }): Promise<boolean> => {
      asked.push(candidate);
      return candidate.email.endsWith("@example.com");
    };
    const { auth, hasher } = makeStage({ signUp: { allow } });
    await signUp(auth, "Ada@Example.com");
    hasher.calls.length = 0;
    expect(await auth.api.signUpEmail({ email: "eve@evil.example", password, name: "Eve" })).toEqual({
      ok: false,
      code: "sign_up_disabled",
    });
    expect(asked).toEqual([
      { email: "ada@example.com", name: null },
      { email: "eve@evil.example", name: "Eve" },
    ]);
    expect(hasher.calls).toEqual([]);
  });

  test("of one address at the same time makes one account", async () => {
    const { auth } = makeStage();
    const codes = (
      await Promise.all(Array.from({ length: 10 }, () => auth.api.signUpEmail({ email, password })))
    ).map((result) => (result.ok ? "ok" : result.code));
    expect(codes.filter((code) => code === "ok")).toHaveLength(1);
    expect(codes.filter((code) => code === "email_taken")).toHaveLength(9);
  });

  test("gives no roles, whatever it is sent", async () => {
    const { auth } = makeStage();
    const signedUp = await auth.api.signUpEmail({ email, password, ...{ roles: ["admin"], id: "chosen" } });
    expect(signedUp.ok && signedUp.user).toMatchObject({
      roles: [],
      id: expect.not.stringMatching("chosen"),
    });
  });
});

describe("an unknown address and a wrong password", () => {
  test("get the same answer after the same work", async () => {
    const { auth, hasher, calls } = makeStage();
    await signUp(auth, email);
    await auth.api.signInEmail({ email: "nobody@example.com", password });
    const attempt = async (who: string): Promise<unknown> => {
      hasher.calls.length = 0;
      calls.length = 0;
      const answer = await auth.api.signInEmail({ email: who, password: "wrong password" });
      return { answer, hashing: [...hasher.calls], steps: [...calls] };
    };
    const unknown = await attempt("eve@example.com");
    expect(await attempt(email)).toEqual(unknown);
    expect(unknown).toEqual({
      answer: { ok: false, code: "invalid_credentials" },
      hashing: ["verify"],
      steps: ["findUser", "appendAudit"],
    });
  });

  test("and a banned user's wrong password, too", async () => {
    const { auth, hasher } = makeStage();
    const { user } = await signUp(auth, email);
    await auth.api.signInEmail({ email: "nobody@example.com", password });
    await auth.api.banUser({ userId: user.id });
    hasher.calls.length = 0;
    expect(await auth.api.signInEmail({ email, password: "wrong password" })).toEqual({
      ok: false,
      code: "invalid_credentials",
    });
    expect(hasher.calls).toEqual(["verify"]);
    expect(await auth.api.signInEmail({ email, password })).toEqual({ ok: false, code: "user_banned" });
  });

  test("a user without a password cannot sign in with any, not even the one nobody has", async () => {
    const store = memoryStore();
    await store.createUser({ id: "u", email, name: null, roles: [], passwordHash: null });
    const { auth, hasher } = makeStage({ store });
    const tried: string[] = [];
    vi.spyOn(hasher, "verify").mockImplementation(async (hash) => {
      tried.push(hash);
      return true;
    });
    for (const given of ["", "null", "undefined", password]) {
      expect(await auth.api.signInEmail({ email, password: given })).toEqual({
        ok: false,
        code: "invalid_credentials",
      });
    }
    expect(new Set(tried).size).toBe(1);
  });

  test("a hasher that failed once is asked again for the password that nobody has", async () => {
    const { auth, hasher } = makeStage();
    vi.spyOn(hasher, "hash").mockRejectedValueOnce(new LatchkeyError("busy", "too many"));
    await expect(auth.api.signInEmail({ email, password })).rejects.toMatchObject({ code: "busy" });
    expect(await auth.api.signInEmail({ email, password })).toEqual({
      ok: false,
      code: "invalid_credentials",
    });
  });
});

describe("P2: what happens while the password is being checked", () => {
  test("an ended user epoch alone: judged again, and signed in under the new one", async () => {
    const stage = makeStage();
    const { user } = await signUp(stage.auth, email);
    meanwhile(stage, () => stage.auth.api.revokeSessions({ userId: user.id }));
    stage.calls.length = 0;
    const credential = credentialOf(await signIn(stage.auth, email));
    expect(stage.calls.filter((name) => name === "openSession")).toHaveLength(2);
    expect(await stage.auth.authenticate(cookieRequest(credential))).toHaveProperty("ok", true);
  });

  test("a ban: refused, and no session is left", async () => {
    const stage = makeStage();
    const { user } = await signUp(stage.auth, email);
    meanwhile(stage, () => stage.auth.api.banUser({ userId: user.id }));
    expect(await stage.auth.api.signInEmail({ email, password })).toEqual({ ok: false, code: "user_banned" });
    expect(await stage.auth.api.listSessions({ userId: user.id })).toEqual([]);
  });

  test("a ban and an unban: judged again", async () => {
    const stage = makeStage();
    const { user } = await signUp(stage.auth, email);
    meanwhile(stage, async () => {
      await stage.auth.api.banUser({ userId: user.id });
      await stage.auth.api.unbanUser({ userId: user.id });
    });
    expect(await stage.auth.api.signInEmail({ email, password })).toHaveProperty("ok", true);
  });

  test("a password change: the old password is refused", async () => {
    const stage = makeStage();
    const { credentials, user } = await signUp(stage.auth, email, "mobile");
    if (!("sessionToken" in credentials)) return expect.fail("no token");
    const current = await stage.auth.authenticate(bearerRequest(credentials.sessionToken));
    if (!current.ok) return expect.fail(current.code);
    meanwhile(stage, () =>
      stage.auth.api.changePassword({ current, currentPassword: password, newPassword }),
    );
    expect(await stage.auth.api.signInEmail({ email, password })).toEqual({
      ok: false,
      code: "invalid_credentials",
    });
    expect(await stage.auth.api.listSessions({ userId: user.id })).toHaveLength(1);
  });

  test("a deletion: as if there were no such user", async () => {
    const stage = makeStage();
    const { user } = await signUp(stage.auth, email);
    meanwhile(stage, () => stage.store.deleteUser(user.id));
    expect(await stage.auth.api.signInEmail({ email, password })).toEqual({
      ok: false,
      code: "invalid_credentials",
    });
  });

  test("one conflict after the other: given up, and said so", async () => {
    const inner = memoryStore();
    const store: Store = { ...inner, openSession: async () => ({ ok: false, code: "conflict" }) };
    await inner.createUser({ id: "u", email, name: null, roles: [], passwordHash: `$plain$${password}` });
    const { auth } = makeStage({ store });
    expect(await auth.api.signInEmail({ email, password })).toEqual({ ok: false, code: "conflict" });
  });
});

describe("P3: a sign-in that carries a live session", () => {
  test("of the same client ends that one, in the same step", async () => {
    const { auth, calls, store } = makeStage();
    const first = await signUp(auth, email);
    const request = cookieRequest(credentialOf(first));
    calls.length = 0;
    const second = await auth.api.signInEmail({ email, password }, { request });
    if (!second.ok) return expect.fail(second.code);
    expect(calls).not.toContain("endSession");
    expect(second.session.id).not.toBe(first.session.id);
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "session_ended" });
    const { session } = await store.readSession(first.session.id);
    expect(session).toMatchObject({ endReason: "replaced" });
    expect(await auth.authenticate(cookieRequest(credentialOf(second)))).toHaveProperty("ok", true);
  });

  test("of another person on the same browser ends that one too", async () => {
    const { auth } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    const bob = await auth.api.signUpEmail({ email: "bob@example.com", password }, { request });
    expect(bob).toHaveProperty("ok", true);
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "session_ended" });
  });

  test("of another client leaves that one", async () => {
    const { auth } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    expect(await auth.api.signInEmail({ email, password, client: "mobile" }, { request })).toHaveProperty(
      "ok",
      true,
    );
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
  });

  test("of another client leaves that one also where the new credential has no session row", async () => {
    const api = { transport: "bearer", strategy: "jwt", refresh: false } as const;
    const { auth } = makeStage({ clients: { web: { transport: "cookie", strategy: "session" }, api } });
    const request = cookieRequest(credentialOf(await signUp(auth, email, "web")));
    const signedIn = await auth.api.signInEmail({ email, password, client: "api" }, { request });
    expect(signedIn).toHaveProperty("ok", true);
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
  });

  test("ends nothing when it fails", async () => {
    const { auth } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    const wrong = { email, password: "wrong password" };
    expect(await auth.api.signInEmail(wrong, { request })).toMatchObject({ code: "invalid_credentials" });
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
  });

  test("or an ended, forged or doubled one, makes a session of its own: none is fixed by who sends it", async () => {
    const { auth } = makeStage();
    const first = await signUp(auth, email);
    const cookie = credentialOf(first);
    await auth.api.revokeSessions({ userId: first.user.id });
    for (const sent of [cookie, "__Host-latchkey-web=chosen", `${cookie}; ${cookie}`]) {
      const request = cookieRequest(sent);
      const next = await auth.api.signInEmail({ email, password }, { request });
      if (!next.ok) return expect.fail(next.code);
      expect(next.session.id).not.toBe(first.session.id);
      expect(sent).not.toContain(credentialOf(next));
    }
  });

  const two = {
    web: { transport: "cookie", strategy: "session" },
    admin: { transport: "cookie", strategy: "session" },
  } as const;

  test("of the same client ends it also where another client's cookie comes first", async () => {
    const { auth } = makeStage({ clients: two });
    const web = credentialOf(await signUp(auth, email, "web"));
    const admin = credentialOf(await signIn(auth, email, "admin"));
    const request = cookieRequest(`${web}; ${admin}`);
    await auth.api.signInEmail({ email, password, client: "admin" }, { request });
    expect(await auth.authenticate(cookieRequest(web))).toHaveProperty("ok", true);
    expect(await auth.authenticate(cookieRequest(admin))).toEqual({ ok: false, code: "session_ended" });
  });
});

describe("a session id", () => {
  test("is no credential", async () => {
    const { auth } = makeStage();
    const { session } = await signUp(auth, email, "mobile");
    const zeros = "A".repeat(43);
    for (const value of [session.id, `lks_${session.id}`, `lks_${session.id}.${zeros}.${zeros}`])
      expect(await auth.authenticate(bearerRequest(value))).toEqual({
        ok: false,
        code: "credential_invalid",
      });
  });

  test("is another each time", async () => {
    const { auth } = makeStage();
    await signUp(auth, email);
    const ids = new Set<SessionId>();
    for (let i = 0; i < 50; i++) ids.add((await signIn(auth, email)).session.id);
    expect(ids.size).toBe(50);
  });
});
