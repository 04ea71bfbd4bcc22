import { expect, test } from "vitest";
import {
  accessTokenType,
  billing,
  claimsOf,
  exchangeForm,
  issuer,
  makeStage,
  origin,
  read,
  reports,
} from "../../support/oauth.ts";

const jwtType = "urn:ietf:params:oauth:token-type:jwt";

test.each(["web", "app", "jwt", "plain", "deny", "allow"] as const)(
  "a service acts for the user whose token it holds (%s)",
  async (name) => {
    const stage = await makeStage();
    const held = await stage.signUp(name);
    const subject = held.access ?? held.session ?? held.carried ?? "";
    const response = await stage.form("/oauth2/token", exchangeForm(subject), "orders");
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = await read(response);
    expect(body).toEqual({
      access_token: expect.any(String),
      issued_token_type: accessTokenType,
      token_type: "Bearer",
      expires_in: 300,
      scope: "invoices:read",
    });
    const iat = Math.floor(stage.now() / 1000);
    expect(claimsOf(body.access_token)).toEqual({
      iss: issuer,
      aud: billing,
      sub: held.userId,
      client_id: "orders",
      iat,
      exp: iat + 300,
      jti: expect.any(String),
      sid: held.sessionId,
      scope: "invoices:read",
      act: { sub: "orders" },
      epo: name === "plain" ? [0, 0] : [0, 0, 0],
    });
    expect(await stage.introspect(String(body.access_token))).toMatchObject({
      active: true,
      client_id: "orders",
    });
  },
);

test("the target may be named as a resource, the wanted type as a JWT", async () => {
  const { signUp, form } = await makeStage();
  const { access = "" } = await signUp("deny");
  const { audience: _, ...rest } = exchangeForm(access);
  const types = { subject_token_type: jwtType, requested_token_type: jwtType };
  const body = await read(await form("/oauth2/token", { ...rest, resource: billing, ...types }, "orders"));
  expect(body.issued_token_type).toBe(accessTokenType);
  expect(claimsOf(body.access_token).aud).toBe(billing);
});

test("it never outlives the token it was made from, although the session lives on", async () => {
  const stage = await makeStage();
  const { access = "" } = await stage.signUp("deny");
  stage.pass(890);
  const body = await read(await stage.form("/oauth2/token", exchangeForm(access), "orders"));
  expect(body.expires_in).toBe(10);
  expect(claimsOf(body.access_token).exp).toBe(claimsOf(access).exp);
  stage.pass(10);
  const late = await stage.form("/oauth2/token", exchangeForm(access), "orders");
  expect([late.status, (await read(late)).error]).toEqual([400, "invalid_request"]);
});

test.each([
  ["no subject", { subject_token: "" }, "invalid_request"],
  ["no type of the subject", { subject_token_type: "" }, "invalid_request"],
  [
    "another type",
    { subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token" },
    "invalid_request",
  ],
  ["a type of SAML", { subject_token_type: "urn:ietf:params:oauth:token-type:saml2" }, "invalid_request"],
  [
    "an ID token wanted",
    { requested_token_type: "urn:ietf:params:oauth:token-type:id_token" },
    "invalid_request",
  ],
  ["an actor", { actor_token: "x", actor_token_type: accessTokenType }, "invalid_request"],
  ["no audience", { audience: "" }, "invalid_request"],
  ["an unknown audience", { audience: "https://other.example" }, "invalid_target"],
  ["an audience of others", { audience: reports }, "invalid_target"],
  ["this server", { audience: origin }, "invalid_target"],
  ["two audiences", { resource: reports }, "invalid_target"],
  ["a scope of the audience only", { scope: "invoices:write" }, "invalid_scope"],
  ["a scope of the service only", { scope: "orders:write" }, "invalid_scope"],
  ["a scope of nobody", { scope: "invoices:read admin" }, "invalid_scope"],
  ["a subject that is no token", { subject_token: "x" }, "invalid_request"],
])("400: %s", async (_, more, error) => {
  const { signUp, form } = await makeStage();
  const { access = "" } = await signUp("deny");
  const response = await form("/oauth2/token", exchangeForm(access, more), "orders");
  expect([response.status, (await read(response)).error]).toEqual([400, error]);
});

test("an opaque token is no JWT, whatever is said of it", async () => {
  const { signUp, form } = await makeStage();
  const { session = "" } = await signUp("app");
  const response = await form(
    "/oauth2/token",
    exchangeForm(session, { subject_token_type: jwtType }),
    "orders",
  );
  expect([response.status, (await read(response)).error]).toEqual([400, "invalid_request"]);
});

test("a service without audiences exchanges nothing, and a public client neither", async () => {
  const { signUp, form } = await makeStage();
  const { access = "" } = await signUp("deny");
  const service = await form("/oauth2/token", exchangeForm(access), "gateway");
  expect([service.status, (await read(service)).error]).toEqual([400, "invalid_target"]);
  const client = await form("/oauth2/token", exchangeForm(access, { client_id: "deny" }));
  expect([client.status, (await read(client)).error]).toEqual([401, "invalid_client"]);
});

test("what was exchanged is no subject: nothing widens step by step", async () => {
  const { signUp, form } = await makeStage();
  const { access = "" } = await signUp("deny");
  const first = await read(await form("/oauth2/token", exchangeForm(access), "orders"));
  const again = await form("/oauth2/token", exchangeForm(String(first.access_token)), "orders");
  expect([again.status, (await read(again)).error]).toEqual([400, "invalid_request"]);
});

test("the audit log names the service, the user and the audience", async () => {
  const { auth, signUp, form } = await makeStage();
  const { access = "", userId, sessionId } = await signUp("deny");
  const seen: unknown[] = [];
  auth.on("token_exchanged", (event) => void seen.push(event));
  await form("/oauth2/token", exchangeForm(access), "orders");
  const detail = { service: "orders", audience: billing, scopes: ["invoices:read"], jti: expect.any(String) };
  expect(seen).toEqual([expect.objectContaining({ userId, sessionId, actorId: null, detail })]);
});
