import { describe, expect, test } from "vitest";
import { makeStage, password, slowStorage, watch } from "./stage.ts";

describe.each(["mobile", "plain", "session"])("the verbs of a bearer client (%s)", (name) => {
  test("sign up, be known, list, change the password, sign out", async () => {
    const stage = await makeStage();
    const client = stage.client({ client: name });
    const states = watch(client);
    expect(client.getSnapshot()).toEqual({ status: "loading", user: null, session: null, permissions: [] });
    const signedUp = await client.signUp.email({ email: "ada@example.com", password, name: "Ada" });
    expect(signedUp).toMatchObject({
      ok: true,
      user: { name: "Ada" },
      session: { client: name },
      permissions: [],
    });
    expect(signedUp).not.toHaveProperty("accessToken");
    expect(client.getSnapshot()).toMatchObject({
      status: "authenticated",
      user: { email: "ada@example.com" },
    });
    expect(await client.getSession()).toMatchObject({ ok: true, user: { name: "Ada" } });

    const other = stage.client({ client: name });
    expect(await other.signIn.email({ email: "ada@example.com", password })).toMatchObject({ ok: true });
    const listed = await client.listSessions();
    expect(listed).toMatchObject({ ok: true, sessions: [{ current: false }, { current: true }] });
    const id = other.getSnapshot().session?.id ?? "";
    expect(await client.revokeSession({ id })).toMatchObject({ ok: true, revoked: 1 });
    expect(await client.revokeOtherSessions()).toMatchObject({ ok: true, revoked: 0 });

    const newPassword = "another horse battery staple";
    const changed = await client.changePassword({ currentPassword: password, newPassword });
    expect(changed).toMatchObject({ ok: true, user: { name: "Ada" } });
    expect(await client.listSessions()).toMatchObject({ ok: true });
    expect((await client.fetch("/api/me")).status).toBe(200);

    expect(await client.signOut()).toEqual({ ok: true });
    expect(client.getSnapshot().status).toBe("signed-out");
    expect(await client.listSessions()).toMatchObject({ ok: false, code: "credential_missing", status: 401 });
    expect(await client.getSession()).toEqual({ ok: true, session: null, user: null });
    expect((await client.fetch("/api/me")).status).toBe(401);
    expect(await client.signOut()).toEqual({ ok: true });
    expect(states.at(-1)).toBe("signed-out");
  });
});

test("a refusal is a value with the server's code and words", async () => {
  const stage = await makeStage();
  const { client, email } = await stage.arrive();
  const other = stage.client();
  expect(await other.signIn.email({ email, password: "a wrong one of length" })).toEqual({
    ok: false,
    code: "invalid_credentials",
    status: 401,
  });
  expect(await other.signUp.email({ email: "b@example.com", password: "short" })).toMatchObject({
    ok: false,
    code: "password_too_short",
    status: 422,
    detail: expect.any(String),
  });
  const wrong = await client.changePassword({
    currentPassword: "a wrong one of length",
    newPassword: password,
  });
  expect(wrong).toMatchObject({ ok: false, code: "wrong_password", status: 403 });
  expect(client.getSnapshot().status).toBe("authenticated");
});

test("no answer is a code of its own, and so is one that no Latchkey server gives", async () => {
  const stage = await makeStage();
  const client = stage.client();
  stage.proxy.befall(() => ({ reset: true }));
  expect(await client.signIn.email({ email: "a@example.com", password })).toEqual({
    ok: false,
    code: "network",
    status: 0,
  });
  const html = { "content-type": "text/html" };
  stage.proxy.befall(() => ({
    answer: { status: 200, headers: html, body: "<h1>Sign in to the hotel</h1>" },
  }));
  expect(await client.signIn.email({ email: "a@example.com", password })).toMatchObject({
    code: "unexpected_answer",
  });
  stage.proxy.befall(() => ({ answer: { status: 502, headers: html, body: "<h1>Bad gateway</h1>" } }));
  expect(await client.getSession()).toMatchObject({ ok: true, session: null }); // nothing held: nothing asked
  stage.proxy.befall(() => ({ answer: { status: 200, headers: html, body: "{}" } }));
  expect(await client.signIn.email({ email: "a@example.com", password })).toMatchObject({
    code: "unexpected_answer",
  });
});

test("an answer that does not come is given up", async () => {
  const stage = await makeStage();
  stage.proxy.befall(() => ({ delay: 5000 }));
  const started = performance.now();
  const answer = await stage.client({ timeout: 300 }).signIn.email({ email: "a@example.com", password });
  expect(answer).toMatchObject({ code: "network" });
  expect(performance.now() - started).toBeLessThan(2000);
});

test("permissions are what the roles are granted, wildcards and all", async () => {
  const stage = await makeStage();
  const { client, userId } = await stage.arrive();
  expect(client.can("post:write")).toBe(false);
  await stage.auth.api.setRole({ userId, roles: ["editor"] });
  await client.getSession();
  expect([client.can("post:write"), client.can("post:"), client.can("user:read")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("the device token goes along with the next sign-in", async () => {
  const stage = await makeStage();
  const storage = slowStorage();
  const { client, email } = await stage.arrive({ storage });
  const kept = storage.values.get("latchkey-mobile-device");
  expect(kept).toMatch(/^lkd_/);
  await client.signOut();
  expect(storage.values.has("latchkey-mobile")).toBe(false);
  expect(storage.values.get("latchkey-mobile-device")).toBe(kept);
  expect(await client.signIn.email({ email, password })).toMatchObject({ ok: true });
});

test("a sign-out that does not reach the server changes nothing", async () => {
  const stage = await makeStage();
  const { client, states } = await stage.arrive();
  stage.proxy.befall(({ path }) => (path.endsWith("/sign-out") ? { reset: true } : undefined));
  expect(await client.signOut()).toMatchObject({ ok: false, code: "network" });
  expect(client.getSnapshot().status).toBe("authenticated");
  expect(states).not.toContain("signed-out");
  expect((await client.fetch("/api/me")).status).toBe(200);
});

test("a session ends as soon as it is signed out of, also where its access token has expired", async () => {
  const stage = await makeStage({ access: { expiresIn: 1 } });
  const { client, userId } = await stage.arrive({ events: false });
  stage.proxy.befall(({ path }) => (path.endsWith("/refresh") ? { reset: true } : undefined));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await client.signOut()).toEqual({ ok: true });
  expect(await stage.auth.api.listSessions({ userId })).toEqual([]);
});
