import { expect, test } from "vitest";
import { bearer, claimsOf, type Held, makeStage, origin, read, type Stage } from "../../support/oauth.ts";

function grant(refresh: string | undefined, more: Record<string, string> = {}): Record<string, string> {
  return { grant_type: "refresh_token", refresh_token: refresh ?? "", ...more };
}

test.each(["jwt", "deny", "allow"] as const)("a public client refreshes (%s)", async (name) => {
  const stage = await makeStage();
  const { refresh, sessionId } = await stage.signUp(name);
  stage.pass(60);
  const response = await stage.form("/oauth2/token", grant(refresh, { client_id: name }));
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.getSetCookie()).toEqual([]);
  const body = await read(response);
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 900,
    refresh_token: expect.stringMatching(/^lkr_[\w-]{22}\.1\./),
  });
  expect(claimsOf(body.access_token)).toMatchObject({ sid: sessionId, aud: origin });
  const headers = bearer(String(body.access_token));
  expect(await stage.auth.authenticate(new Request(origin, { headers }))).toMatchObject({ ok: true });
});

test("it is the rotation of POST /refresh: grace, replay and theft are the same", async () => {
  const stage = await makeStage();
  const { refresh, sessionId, userId } = await stage.signUp("deny");
  const oauth = async (token: unknown) =>
    read(await stage.form("/oauth2/token", grant(String(token), { client_id: "deny" })));
  const own = async (token: unknown) => read(await stage.json("/refresh", { refreshToken: token }));
  stage.pass(60);
  const first = await oauth(refresh);
  expect((await own(refresh)).refreshToken, "the parent within the window").toBe(first.refresh_token);
  expect((await oauth(first.refresh_token)).refresh_token, "younger than the window").toBe(
    first.refresh_token,
  );
  stage.pass(60);
  const stolen: unknown[] = [];
  stage.auth.on("refresh_reused", (event) => void stolen.push([event.userId, event.sessionId]));
  expect(await oauth(refresh)).toMatchObject({ error: "invalid_grant" });
  expect(stolen, "whom to warn").toEqual([[userId, sessionId]]);
  expect(await oauth(first.refresh_token)).toMatchObject({ error: "invalid_grant" });
});

test("an Idempotency-Key is heard", async () => {
  const stage = await makeStage();
  const { refresh } = await stage.signUp("jwt");
  const ask = async () => {
    const body = new URLSearchParams(grant(refresh, { client_id: "jwt" }));
    const headers = { "idempotency-key": "a phone in a tunnel" };
    return read(await stage.send("/api/auth/oauth2/token", { method: "POST", body, headers }));
  };
  stage.pass(60);
  const { refresh_token } = await ask();
  stage.pass(60);
  expect((await ask()).refresh_token).toBe(refresh_token);
});

test.each([
  ["no token", () => ({ grant_type: "refresh_token", client_id: "deny" }), 400, "invalid_request"],
  ["a scope", (t: string) => grant(t, { client_id: "deny", scope: "admin" }), 400, "invalid_scope"],
  ["another client", (t: string) => grant(t, { client_id: "allow" }), 400, "invalid_grant"],
  ["a client that does not refresh", (t: string) => grant(t, { client_id: "app" }), 400, "invalid_grant"],
  ["a client with cookies", (t: string) => grant(t, { client_id: "web-jwt" }), 400, "unauthorized_client"],
  ["no client", (t: string) => grant(t), 401, "invalid_client"],
  ["an unknown client", (t: string) => grant(t, { client_id: "nobody" }), 401, "invalid_client"],
  ["a client of every object", (t: string) => grant(t, { client_id: "toString" }), 401, "invalid_client"],
  ["another mark", (t: string) => grant(`${t.slice(0, -1)}_`, { client_id: "deny" }), 400, "invalid_grant"],
  [
    "another generation",
    (t: string) => grant(t.replace(".0.", ".1."), { client_id: "deny" }),
    400,
    "invalid_grant",
  ],
])("refused: %s, and the token is as good as before", async (_, makeForm, status, error) => {
  const stage = await makeStage();
  const { refresh = "" } = await stage.signUp("deny");
  stage.pass(60);
  const response = await stage.form("/oauth2/token", makeForm(refresh));
  expect([response.status, (await read(response)).error]).toEqual([status, error]);
  const after = await read(await stage.form("/oauth2/token", grant(refresh, { client_id: "deny" })));
  expect(after.refresh_token).toMatch(/\.1\./);
});

test("a cookie client's refresh token is never answered in a body", async () => {
  const { signUp, form } = await makeStage();
  const { cookie = "" } = await signUp("web-jwt");
  const token = /-refresh=([^;]+)/.exec(cookie)?.[1];
  for (const client_id of ["web-jwt", "deny"]) {
    const response = await form("/oauth2/token", grant(token, { client_id }));
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("access_token");
  }
});

test("a service has no refresh tokens", async () => {
  const { signUp, form } = await makeStage();
  const { refresh } = await signUp("deny");
  const response = await form("/oauth2/token", grant(refresh), "gateway");
  expect([response.status, (await read(response)).error]).toEqual([400, "unauthorized_client"]);
});

test.each([
  ["signed out", ({ auth }: Stage, { userId }: Held) => auth.api.revokeSessions({ userId })],
  ["banned", ({ auth }: Stage, { userId }: Held) => auth.api.banUser({ userId })],
  ["idle", async (stage: Stage) => stage.pass(31 * 86_400)],
])("invalid_grant: %s", async (_, end) => {
  const stage = await makeStage();
  const held = await stage.signUp("deny");
  await end(stage, held);
  const response = await stage.form("/oauth2/token", grant(held.refresh, { client_id: "deny" }));
  expect([response.status, (await read(response)).error]).toEqual([400, "invalid_grant"]);
});

test("too many refreshes are told to wait", async () => {
  const { signUp, form } = await makeStage({ rateLimit: { perIp: { refreshes: 1, window: 60 } } });
  const { refresh } = await signUp("deny");
  const ask = () => form("/oauth2/token", grant(refresh, { client_id: "deny" }));
  const statuses = [await ask(), await ask(), await ask()];
  const last = statuses.at(-1);
  expect(last?.status).toBe(429);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
});
