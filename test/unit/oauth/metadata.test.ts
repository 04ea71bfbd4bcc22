import { metadataPaths } from "latchkey";
import { expect, test } from "vitest";
import { issuer, makeStage, origin, read } from "../../support/oauth.ts";

const wellKnown = "/.well-known/oauth-authorization-server";

test("RFC 8414: what is offered, where, and by whom", async () => {
  const { send } = await makeStage();
  const response = await send(`/api/auth${wellKnown}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await read(response)).toEqual({
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    introspection_endpoint: `${issuer}/oauth2/introspect`,
    introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    changes_endpoint: `${issuer}/changes`,
    response_types_supported: [],
    grant_types_supported: [
      "refresh_token",
      "client_credentials",
      "urn:ietf:params:oauth:grant-type:token-exchange",
    ],
  });
});

test("every address in it answers", async () => {
  const { send } = await makeStage();
  const metadata = await read(await send(`/api/auth${wellKnown}`));
  const addresses = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name));
  expect(addresses).toHaveLength(5);
  for (const [name, address] of addresses) {
    const path = String(address).slice(origin.length);
    const response = await send(path, { method: name === "jwks_uri" ? "GET" : "POST" });
    expect(response.status, path).not.toBe(404);
  }
});

test("it names no grant that nobody could use", async () => {
  const clients = { web: { transport: "cookie", strategy: "jwt" } } as const;
  const { send } = await makeStage({ clients, services: {}, audiences: {} });
  const { grant_types_supported } = await read(await send(`/api/auth${wellKnown}`));
  expect(grant_types_supported).toEqual([]);
});

test("the handler answers at the root too, under the paths that it tells", async () => {
  const { send } = await makeStage();
  expect(metadataPaths("/api/auth")).toEqual([`${wellKnown}/api/auth`, wellKnown]);
  const own = await read(await send(`/api/auth${wellKnown}`));
  for (const path of metadataPaths("/api/auth")) {
    const response = await send(path);
    expect([response.status, await read(response)]).toEqual([200, own]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await send(path, { method: "POST" })).status).toBe(405);
  }
  for (const path of [`${wellKnown}/`, `${wellKnown}/api`, `${wellKnown}/api/auth/`, `${wellKnown}x`])
    expect((await send(path)).status, path).toBe(404);
});

test("another base path is another issuer", async () => {
  const { send } = await makeStage({ basePath: "/id" });
  for (const path of [`/id${wellKnown}`, `${wellKnown}/id`, wellKnown]) {
    expect(await read(await send(path))).toMatchObject({ issuer: `${origin}/id` });
  }
  expect((await send(`${wellKnown}/api/auth`)).status).toBe(404);
});

test("the OpenAPI document has the routes, as forms with errors of their own", async () => {
  const { send } = await makeStage();
  const document = (await (await send("/api/auth/openapi.json")).json()) as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: object }; responses: Record<string, { content: object }> }>
    >;
  };
  for (const path of ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"]) {
    const post = document.paths[path]?.post;
    expect(Object.keys(post?.requestBody?.content ?? {})).toEqual(["application/x-www-form-urlencoded"]);
    expect(Object.keys(post?.responses.default?.content ?? {})).toEqual(["application/json"]);
  }
  expect(Object.keys(document.paths["/token"]?.post?.requestBody?.content ?? {})).toEqual([
    "application/json",
  ]);
  expect(document.paths[wellKnown]?.get).toBeDefined();
});
