import { describe, expect, test } from "vitest";
import { cookieClients, makeApp, origin } from "../../support/http/app.ts";
import type { Operation } from "../../support/http/examine.ts";
import { findMismatches, type JsonSchema } from "../../support/http/json-schema.ts";

// That every answer has the shape promised here is examined with every request of these tests; see
// test/support/http/examine.ts.

/** Every route there is. */
const routes = [
  "get /.well-known/jwks.json",
  "get /.well-known/oauth-authorization-server",
  "get /admin/get-user",
  "get /admin/list-events",
  "get /admin/list-user-sessions",
  "get /admin/list-users",
  "get /admin/verifiers",
  "get /events",
  "get /get-session",
  "get /jwks",
  "get /list-sessions",
  "get /ok",
  "get /ready",
  "post /admin/ban-user",
  "post /admin/create-user",
  "post /admin/remove-user",
  "post /admin/revoke-everything",
  "post /admin/revoke-user-session",
  "post /admin/revoke-user-sessions",
  "post /admin/rotate-keys",
  "post /admin/set-role",
  "post /admin/unban-user",
  "post /change-password",
  "post /changes",
  "post /delete-user",
  "post /oauth2/introspect",
  "post /oauth2/revoke",
  "post /oauth2/token",
  "post /refresh",
  "post /revoke-other-sessions",
  "post /revoke-session",
  "post /revoke-sessions",
  "post /sign-in/email",
  "post /sign-out",
  "post /sign-up/email",
  "post /token",
  "post /update-session",
  "post /update-user",
];

/** Those that speak OAuth: forms, its own errors, and programs that prove who they are. */
const oauth = new Set(["post /oauth2/introspect", "post /oauth2/revoke", "post /oauth2/token"]);

/** Those that answer 201: they make an account. */
const creating = new Set(["post /admin/create-user", "post /sign-up/email"]);

/** Those for whoever is signed in. */
const signedIn = new Set([
  "get /events",
  "get /list-sessions",
  "post /change-password",
  "post /delete-user",
  "post /revoke-other-sessions",
  "post /revoke-session",
  "post /revoke-sessions",
  "post /token",
  "post /update-session",
  "post /update-user",
  ...routes.filter((route) => route.includes(" /admin/")),
]);

function answerType(route: string): string {
  return route === "get /events" ? "text/event-stream" : "application/json";
}

function problemType(route: string): string {
  return oauth.has(route) ? "application/json" : "application/problem+json";
}

async function listOperations(): Promise<readonly (readonly [string, Operation])[]> {
  const { document } = await makeApp();
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
}

describe("the OpenAPI document", () => {
  test("is OpenAPI 3.1 and says where it is served", async () => {
    const { document } = await makeApp();
    expect(document.openapi).toBe("3.1.0");
    expect(document.info).toMatchObject({ title: "Latchkey", version: expect.any(String) });
    expect(document.servers).toEqual([{ url: `${origin}/api/auth` }]);
  });

  test("names every route and no other", async () => {
    expect((await listOperations()).map(([route]) => route).sort()).toEqual(routes);
  });

  test("what it names is there, by that method and no other", async () => {
    const app = await makeApp();
    for (const [route] of await listOperations()) {
      const [method = "", path = ""] = route.toUpperCase().split(" ");
      const named = await app.device().send(method, path.toLowerCase());
      expect([route, [404, 405].includes(named.status)]).toEqual([route, false]);
      const other = await app.device().send(method === "GET" ? "POST" : "GET", path.toLowerCase());
      expect([route, other.status]).toEqual([route, 405]);
    }
  });

  test("what it does not name is not there", async () => {
    const app = await makeApp();
    const others = [
      ...[
        "/sign-in",
        "/sign-in/social",
        "/sign-in/username",
        "/sign-up",
        "/session",
        "/sessions",
        "/user",
        "/users",
      ],
      ...["/verify", "/introspect", "/revoke", "/oauth2", "/oauth2/authorize", "/oauth2/register"],
      ...["/admin", "/admin/impersonate-user", "/admin/set-password", "/admin/list-keys", "/list-events"],
      ...[
        "/set-role",
        "/ban-user",
        "/list-users",
        "/create-user",
        "/get-user",
        "/impersonate-user",
        "/api-key/create",
      ],
      ...[
        "/reset-password",
        "/forget-password",
        "/error",
        "/metrics",
        "/health",
        "/.env",
        "/debug",
        "/callback/x",
      ],
    ];
    for (const path of others) {
      for (const method of ["GET", "POST"]) {
        expect([path, (await app.device().send(method, path)).status]).toEqual([path, 404]);
      }
    }
  });

  test("every operation has an id of its own, words, a successful answer and a problem", async () => {
    const operations = await listOperations();
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [route, { operationId, summary, responses, requestBody }] of operations) {
      expect(operationId, route).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect(summary.length, route).toBeGreaterThan(10);
      const success = creating.has(route) ? "201" : "200";
      expect(Object.keys(responses).sort(), route).toEqual([success, "default"]);
      expect(responses.default?.content, route).toHaveProperty([problemType(route), "schema"]);
      expect(responses[success]?.content, route).toHaveProperty([answerType(route), "schema"]);
      expect(requestBody !== undefined, route).toBe(route.startsWith("post"));
    }
  });

  test("it says which routes want a credential, and by which carriers", async () => {
    const { document } = await makeApp();
    const schemes = ["bearer", "client", ...cookieClients.map((client) => `cookie-${client}`)];
    expect(Object.keys(document.components.securitySchemes)).toEqual(schemes);
    for (const [route, { security }] of await listOperations()) {
      const wanted = security?.flatMap((one) => Object.keys(one)) ?? [];
      expect(wanted, route).toEqual(signedIn.has(route) ? schemes : []);
      const app = await makeApp();
      const [method = "", path = ""] = route.split(" ");
      const { code } = await app.device().send(method.toUpperCase(), path);
      // A refresh token is no credential of a scheme: it is what the body or a cookie of its own carries.
      const wantsOne = signedIn.has(route) || route === "post /refresh";
      expect(code === "credential_missing", route).toBe(wantsOne);
    }
  });

  test("every reference leads somewhere, and nothing is there for nobody", async () => {
    const { document } = await makeApp();
    const referred = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    const names = new Set([...referred].map(([, name]) => name));
    expect([...names].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  test("its schemas tell a good answer from a bad one", async () => {
    const { document } = await makeApp();
    const { schemas } = document.components;
    const user = {
      id: "u",
      email: null,
      name: null,
      roles: [],
      status: "active",
      createdAt: "2030-01-01T00:00:00.000Z",
    };
    const faults = (value: object): readonly string[] => findMismatches(schemas.User ?? {}, value, schemas);
    expect(faults(user)).toEqual([]);
    expect(faults({ ...user, passwordHash: "x" })).toEqual(["$.passwordHash: not declared"]);
    expect(faults({ ...user, status: "unknown" })).toEqual(["$.status: not in the enum"]);
    expect(faults({ ...user, createdAt: 1 })[0]).toContain("is not of type string");
    expect(faults({ ...user, roles: [1] })[0]).toContain("$.roles[0]");
    const { id: _, ...nameless } = user;
    expect(faults(nameless)).toEqual(["$.id: missing"]);
  });

  test("its request schemas refuse what the routes refuse", async () => {
    const { document } = await makeApp();
    const body = (route: string): JsonSchema =>
      document.paths[route]?.post?.requestBody?.content["application/json"]?.schema ?? {};
    const faults = (route: string, value: object) =>
      findMismatches(body(route), value, document.components.schemas);
    expect(faults("/sign-in/email", { email: "a@b.test", password: "x" })).toEqual([]);
    expect(faults("/sign-in/email", { email: "a@b.test", password: "x", role: "admin" })).not.toEqual([]);
    expect(faults("/sign-up/email", { email: "a@b.test" })).not.toEqual([]);
    expect(faults("/revoke-session", {})).not.toEqual([]);
  });

  test("it shows no secret and no server detail", async () => {
    const { document } = await makeApp();
    expect(JSON.stringify(document)).not.toMatch(/node_modules|\.ts\b|argon2|32 characters or more/);
  });
});
