import { expect, test } from "vitest";
import { bearer, billing, claimsOf, issuer, makeStage, origin, read, reports } from "../../support/oauth.ts";

const grant = { grant_type: "client_credentials" };

test("a service gets a token for this server", async () => {
  const stage = await makeStage();
  const response = await stage.form("/oauth2/token", grant, "orders");
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = await read(response);
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 900,
    scope: "invoices:read orders:write",
  });
  const iat = Math.floor(stage.now() / 1000);
  expect(claimsOf(body.access_token)).toEqual({
    iss: issuer,
    aud: origin,
    sub: "orders",
    client_id: "orders",
    iat,
    exp: iat + 900,
    jti: expect.stringMatching(/^[\w-]{22}$/),
    scope: "invoices:read orders:write",
    epo: [0],
  });
});

test("an audience of its own may be named either way, and limits the scope", async () => {
  const { form } = await makeStage();
  for (const named of [
    { audience: billing },
    { resource: billing },
    { audience: billing, resource: billing },
  ]) {
    const body = await read(await form("/oauth2/token", { ...grant, ...named }, "orders"));
    expect([claimsOf(body.access_token).aud, body.scope]).toEqual([billing, "invoices:read"]);
  }
  const own = await read(
    await form("/oauth2/token", { ...grant, audience: origin, scope: "orders:write" }, "orders"),
  );
  expect([claimsOf(own.access_token).aud, own.scope]).toEqual([origin, "orders:write"]);
});

test("a service without scopes gets a token without scope", async () => {
  const { form } = await makeStage();
  const body = await read(await form("/oauth2/token", grant, "gateway"));
  expect(body).not.toHaveProperty("scope");
  expect(claimsOf(body.access_token)).not.toHaveProperty("scope");
});

test.each([
  ["another's audience", { audience: reports }, "invalid_target"],
  ["an unknown audience", { audience: "https://other.example" }, "invalid_target"],
  ["an audience of every object", { audience: "constructor" }, "invalid_target"],
  ["the issuer", { audience: issuer }, "invalid_target"],
  ["two audiences", { audience: billing, resource: origin }, "invalid_target"],
  ["a resource with a fragment", { resource: `${billing}#x` }, "invalid_target"],
  ["a resource that is no URI", { resource: "billing" }, "invalid_target"],
  ["a scope too many", { scope: "orders:write admin" }, "invalid_scope"],
  ["a scope of the audience only", { audience: billing, scope: "invoices:write" }, "invalid_scope"],
  ["a scope of the service only", { audience: billing, scope: "orders:write" }, "invalid_scope"],
  ["a scope of no good spelling", { scope: 'orders:write"' }, "invalid_scope"],
])("400: %s", async (_, more, error) => {
  const { form } = await makeStage();
  const response = await form("/oauth2/token", { ...grant, ...more }, "orders");
  expect([response.status, (await read(response)).error]).toEqual([400, error]);
});

test("an empty parameter counts as left out", async () => {
  const { form } = await makeStage();
  const body = await read(await form("/oauth2/token", { ...grant, audience: "", scope: "" }, "orders"));
  expect(claimsOf(body.access_token).aud).toBe(origin);
});

test("its token dies at its end, and with everything else; a ban of a user who is called like it does nothing", async () => {
  const stage = await makeStage();
  const next = async () =>
    String((await read(await stage.form("/oauth2/token", grant, "orders"))).access_token);
  const [first, second] = [await next(), await next()];
  expect(await stage.introspect(first)).toMatchObject({ active: true, sub: "orders" });
  await stage.auth.api.revokeEverything();
  expect(await stage.introspect(first)).toEqual({ active: false });
  expect(await stage.introspect(second)).toEqual({ active: false });
  const third = await next();
  expect((claimsOf(third).epo as number[])[0]).toBeGreaterThan(0);
  stage.pass(899);
  expect(await stage.introspect(third)).toMatchObject({ active: true });
  stage.pass(1);
  expect(await stage.introspect(third)).toEqual({ active: false });
});

test("it is nobody on our own routes", async () => {
  const { auth, form, json, send } = await makeStage();
  const { access_token } = await read(await form("/oauth2/token", grant, "orders"));
  const headers = bearer(String(access_token));
  expect(await auth.authenticate(new Request(origin, { headers }))).toMatchObject({
    code: "credential_invalid",
  });
  expect((await send("/api/auth/get-session", { headers })).status).toBe(401);
  expect((await json("/token", { audience: billing }, headers)).status).toBe(401);
});

test("the audit log names the service", async () => {
  const { auth, form } = await makeStage();
  const seen: unknown[] = [];
  auth.on("service_token_issued", ({ detail, userId }) => void seen.push([userId, detail]));
  const { access_token } = await read(await form("/oauth2/token", { ...grant, audience: billing }, "orders"));
  const jti = claimsOf(access_token).jti;
  expect(seen).toEqual([[null, { service: "orders", audience: billing, scopes: ["invoices:read"], jti }]]);
});
