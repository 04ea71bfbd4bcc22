import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashServiceSecret } from "latchkey";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startSharedServer } from "../server/run-server.ts";
import { postJson } from "../server/visitor.ts";

/** A client of the standard, written by somebody else, against the server as it is installed. */

const billing = "https://billing.example";
const secret = "a secret: with signs + % & that forms encode, 43 or more";
const service: oauth.Client = { client_id: "orders" };
const mobile: oauth.Client = { client_id: "mobile" };
const insecure = { [oauth.allowInsecureRequests]: true };
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

let as: oauth.AuthorizationServer;
let url: string;
let folder: string;
let server: RunningServer;
let people = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-oauth-"));
  const config = join(folder, "latchkey.json");
  const settings = {
    clients: {
      web: { transport: "cookie", strategy: "session" },
      mobile: { transport: "bearer", strategy: "jwt" },
    },
    audiences: { [billing]: { scopes: ["invoices:read"] } },
    services: {
      orders: {
        secretHash: await hashServiceSecret(secret),
        scopes: ["invoices:read", "orders:write"],
        audiences: [billing],
        introspect: true,
      },
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  server = await startSharedServer(["--db", join(folder, "a.db"), "--config", config]);
  url = server.url;
  const issuer = new URL(`${url}/api/auth`);
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  expect(response.url, "between host and path").toBe(
    `${url}/.well-known/oauth-authorization-server/api/auth`,
  );
  as = await oauth.processDiscoveryResponse(issuer, response);
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function signUp(): Promise<{ email: string; accessToken: string; refreshToken: string }> {
  const email = `ada${people++}@example.com`;
  const person = { email, password: "correct horse staple", client: "mobile" };
  const { body } = await postJson(`${url}/api/auth/sign-up/email`, person);
  return { email, accessToken: String(body.accessToken), refreshToken: String(body.refreshToken) };
}

async function introspect(token: string): Promise<oauth.IntrospectionResponse> {
  const auth = oauth.ClientSecretBasic(secret);
  const response = await oauth.introspectionRequest(as, service, auth, token, insecure);
  return oauth.processIntrospectionResponse(as, service, response);
}

describe.each([
  ["client_secret_basic", oauth.ClientSecretBasic(secret)],
  ["client_secret_post", oauth.ClientSecretPost(secret)],
])("%s", (_, auth) => {
  test("client credentials", async () => {
    const wanted = { scope: "orders:write" };
    const response = await oauth.clientCredentialsGrantRequest(as, service, auth, wanted, insecure);
    const tokens = await oauth.processClientCredentialsResponse(as, service, response);
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 900, scope: "orders:write" });
    const claims = await validate(tokens.access_token, url);
    expect(claims).toMatchObject({ sub: "orders", client_id: "orders", aud: url, scope: "orders:write" });
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true, sub: "orders" });
  });

  test("token exchange", async () => {
    const { accessToken } = await signUp();
    const wanted = { subject_token: accessToken, subject_token_type: accessTokenType, audience: billing };
    const response = await oauth.genericTokenEndpointRequest(
      as,
      service,
      auth,
      tokenExchange,
      wanted,
      insecure,
    );
    const tokens = await oauth.processGenericTokenEndpointResponse(as, service, response);
    expect(tokens).toMatchObject({ issued_token_type: accessTokenType, expires_in: 300 });
    const claims = await validate(tokens.access_token, billing);
    expect(claims).toMatchObject({ client_id: "orders", act: { sub: "orders" }, scope: "invoices:read" });
    await expect(validate(tokens.access_token, url)).rejects.toThrow();
  });
});

/** By the rules of RFC 9068, over the JWK set that the metadata names. */
function validate(token: string, audience: string): Promise<oauth.JWTAccessTokenClaims> {
  const request = new Request(`${url}/`, { headers: { authorization: `Bearer ${token}` } });
  return oauth.validateJwtAccessToken(as, request, audience, insecure);
}

test("an access token of somebody who signed in passes for one of RFC 9068", async () => {
  const { accessToken } = await signUp();
  expect(await validate(accessToken, url)).toMatchObject({ client_id: "mobile", roles: [] });
});

test("refresh, introspection, revocation", async () => {
  const { email, accessToken, refreshToken } = await signUp();
  expect(await introspect(accessToken)).toMatchObject({ active: true, username: email });
  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    mobile,
    await oauth.refreshTokenGrantRequest(as, mobile, oauth.None(), refreshToken, insecure),
  );
  expect(refreshed.refresh_token).toMatch(/^lkr_/);
  expect(await introspect(refreshed.access_token)).toMatchObject({ active: true, client_id: "mobile" });
  const revoked = await oauth.revocationRequest(
    as,
    mobile,
    oauth.None(),
    String(refreshed.refresh_token),
    insecure,
  );
  expect(await oauth.processRevocationResponse(revoked)).toBeUndefined();
  for (const token of [accessToken, refreshToken, refreshed.access_token])
    expect(await introspect(token)).toEqual({ active: false });
  const late = await oauth.refreshTokenGrantRequest(as, mobile, oauth.None(), refreshToken, insecure);
  await expect(oauth.processRefreshTokenResponse(as, mobile, late)).rejects.toMatchObject({
    error: "invalid_grant",
    status: 400,
  });
});

test("errors are those of the standard", async () => {
  const wrong = oauth.ClientSecretBasic("x".repeat(43));
  const response = await oauth.clientCredentialsGrantRequest(as, service, wrong, {}, insecure);
  // oauth4webapi reads the challenge of a 401 first (RFC 9110).
  await expect(oauth.processClientCredentialsResponse(as, service, response)).rejects.toBeInstanceOf(
    oauth.WWWAuthenticateChallengeError,
  );
  const auth = oauth.ClientSecretBasic(secret);
  const beyond = await oauth.clientCredentialsGrantRequest(as, service, auth, { scope: "admin" }, insecure);
  await expect(oauth.processClientCredentialsResponse(as, service, beyond)).rejects.toMatchObject({
    error: "invalid_scope",
  });
  const elsewhere = { audience: "https://other.example" };
  const target = await oauth.clientCredentialsGrantRequest(as, service, auth, elsewhere, insecure);
  await expect(oauth.processClientCredentialsResponse(as, service, target)).rejects.toMatchObject({
    error: "invalid_target",
  });
});

test("the metadata stands at all three places", async () => {
  for (const path of [
    "/.well-known/oauth-authorization-server",
    "/api/auth/.well-known/oauth-authorization-server",
  ]) {
    const response = await fetch(url + path);
    expect([response.status, await response.json()]).toEqual([200, as]);
  }
});
