import { expect, test } from "vitest";
import { bearer, billing, claimsOf, issuer, makeStage, origin, read, reports } from "../../support/oauth.ts";

test("POST /token gives a short-lived token for the audience", async () => {
  const stage = await makeStage();
  const { access, userId, sessionId } = await stage.signUp("deny");
  const response = await stage.json("/token", { audience: billing }, bearer(access));
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = await read(response);
  expect(body).toEqual({ accessToken: expect.any(String), tokenType: "Bearer", expiresIn: 300 });
  const iat = Math.floor(stage.now() / 1000);
  expect(claimsOf(body.accessToken)).toEqual({
    iss: issuer,
    aud: billing,
    sub: userId,
    client_id: "deny",
    iat,
    exp: iat + 300,
    jti: expect.stringMatching(/^[\w-]{22}$/),
    sid: sessionId,
    scope: "invoices:read invoices:write",
    epo: [0, 0, 0],
  });
});

test.each(["web", "web-jwt"] as const)(
  "a cookie of %s is exchanged too, under the origin check",
  async (name) => {
    const { signUp, json } = await makeStage();
    const { cookie = "" } = await signUp(name);
    const from = (site: string) => json("/token", { audience: billing }, { cookie, "sec-fetch-site": site });
    expect((await from("same-origin")).status).toBe(200);
    const refused = await from("cross-site");
    expect([refused.status, (await read(refused)).code]).toEqual([403, "csrf_refused"]);
  },
);

test("fewer seconds and fewer scopes are given as asked, more seconds are cut", async () => {
  const { signUp, json } = await makeStage();
  const { access } = await signUp("jwt");
  const ask = async (body: object) => {
    const { accessToken, expiresIn } = await read(await json("/token", body, bearer(access)));
    const { exp, iat, scope } = claimsOf(accessToken);
    expect(Number(exp) - Number(iat)).toBe(expiresIn);
    return [expiresIn, scope];
  };
  expect(await ask({ audience: billing, expiresIn: 10, scope: "invoices:read" })).toEqual([
    10,
    "invoices:read",
  ]);
  expect(await ask({ audience: billing, expiresIn: 86_400 })).toEqual([300, "invoices:read invoices:write"]);
  expect(await ask({ audience: reports })).toEqual([60, "reports:read"]);
});

test("an audience without scopes gets a token without scope", async () => {
  const { signUp, json } = await makeStage({ audiences: { [billing]: {} }, services: {} });
  const { access } = await signUp("jwt");
  const { accessToken } = await read(await json("/token", { audience: billing }, bearer(access)));
  expect(claimsOf(accessToken)).not.toHaveProperty("scope");
  const refused = await json("/token", { audience: billing, scope: "any" }, bearer(access));
  expect([refused.status, (await read(refused)).code]).toEqual([400, "invalid_scope"]);
});

test.each([
  ["an unknown audience", { audience: "https://other.example" }, "unknown_audience"],
  ["an audience of every object", { audience: "constructor" }, "unknown_audience"],
  ["this server", { audience: origin }, "unknown_audience"],
  ["a scope of another audience", { audience: billing, scope: "reports:read" }, "invalid_scope"],
  ["one scope too many", { audience: billing, scope: "invoices:read admin" }, "invalid_scope"],
  ["a scope with two spaces", { audience: billing, scope: "invoices:read  invoices:write" }, "invalid_scope"],
  ["an empty scope", { audience: billing, scope: "" }, "invalid_input"],
  ["no seconds", { audience: billing, expiresIn: 0 }, "invalid_input"],
  ["half a second", { audience: billing, expiresIn: 0.5 }, "invalid_input"],
  ["no audience", {}, "invalid_input"],
  ["a member too many", { audience: billing, sub: "somebody else" }, "invalid_input"],
])("refused: %s", async (_, body, code) => {
  const { signUp, json } = await makeStage();
  const { access } = await signUp("deny");
  const refused = await json("/token", body, bearer(access));
  expect([refused.status, (await read(refused)).code]).toEqual([400, code]);
});

test("auth.api.exchangeToken judges its input itself", async () => {
  const { auth, signUp } = await makeStage();
  const { access } = await signUp("jwt");
  const current = await auth.authenticate(new Request(origin, { headers: bearer(access) }));
  if (!current.ok) throw new Error(current.code);
  for (const expiresIn of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const refused = await auth.api.exchangeToken({ current, audience: billing, expiresIn });
    expect(refused, String(expiresIn)).toMatchObject({ ok: false, code: "invalid_input" });
  }
  expect(await auth.api.exchangeToken({ current, audience: billing })).toMatchObject({ ok: true });
});

test("a token never outlives the session: neither its idle nor its absolute end", async () => {
  const session = { expiresIn: 500, idleTimeout: 200, expiresInNotRemembered: 500 };
  const stage = await makeStage({ session, clients: { app: { transport: "bearer", strategy: "session" } } });
  const { session: token } = await stage.signUp("app");
  const ask = async () => {
    const body = await read(await stage.json("/token", { audience: billing }, bearer(token)));
    return Number(claimsOf(body.accessToken).exp) - start;
  };
  const start = stage.now() / 1000;
  stage.pass(30);
  expect(await ask(), "use is written at most once a minute").toBe(200);
  stage.pass(150);
  await ask();
  expect(await ask(), "this one was written").toBe(380);
  stage.pass(150);
  await ask();
  expect(await ask()).toBe(500);
});

test("the plain JWT's own end is the end of what it is exchanged for", async () => {
  const stage = await makeStage();
  const { access } = await stage.signUp("plain");
  stage.pass(800);
  const body = await read(await stage.json("/token", { audience: billing }, bearer(access)));
  expect(body.expiresIn).toBe(100);
  expect(claimsOf(body.accessToken).exp).toBe(claimsOf(access).exp);
  expect(claimsOf(body.accessToken).epo, "no session epoch: there is no session row").toEqual([0, 0]);
});

test("the exchange is in the audit log, without the token", async () => {
  const { auth, signUp, json } = await makeStage();
  const { access, userId, sessionId } = await signUp("jwt");
  const seen: unknown[] = [];
  auth.on("token_exchanged", (event) => void seen.push(event.detail));
  const { accessToken } = await read(await json("/token", { audience: billing }, bearer(access)));
  const jti = claimsOf(accessToken).jti;
  const scopes = ["invoices:read", "invoices:write"];
  expect(seen).toEqual([{ audience: billing, scopes, jti }]);
  await auth.api.listEvents({ type: "token_exchanged" });
  const [entry] = await auth.api.listEvents({ type: "token_exchanged" });
  expect(entry).toMatchObject({
    actorId: userId,
    userId,
    sessionId,
    client: "jwt",
    detail: { audience: billing },
  });
  expect(JSON.stringify(entry)).not.toContain(accessToken);
});
