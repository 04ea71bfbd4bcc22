import { expect, test } from "vitest";
import { basic, makeStage, read, type Stage, secrets } from "../../support/oauth.ts";

const endpoints = ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] as const;
const fields = { grant_type: "client_credentials", token: "anything" };

function ask(stage: Stage, path: string, body: Record<string, string> | string, headers: HeadersInit = {}) {
  return stage.send(`/api/auth${path}`, { method: "POST", body: new URLSearchParams(body), headers });
}

test.each(endpoints)("%s takes the secret by Basic and by parameter", async (path) => {
  const stage = await makeStage({});
  const byHeader = await ask(stage, path, fields, { authorization: basic("gateway") });
  const byParameter = await ask(stage, path, {
    ...fields,
    client_id: "gateway",
    client_secret: secrets.gateway,
  });
  const byOldSecret = await ask(stage, path, fields, { authorization: basic("old") });
  expect([byHeader.status, byParameter.status, byOldSecret.status]).toEqual([200, 200, 200]);
});

test("id and secret may be encoded, as RFC 6749 wants it, and the scheme's case does not matter", async () => {
  const stage = await makeStage();
  const encoded = `${encodeURIComponent("gateway")}:${encodeURIComponent(secrets.gateway)}`.replace(
    "-",
    "%2D",
  );
  const value = Buffer.from(encoded).toString("base64");
  for (const scheme of ["Basic", "basic", "BASIC"]) {
    const response = await ask(stage, "/oauth2/token", fields, { authorization: `${scheme} ${value}` });
    expect(response.status).toBe(200);
  }
});

const refused: [what: string, body: Record<string, string>, authorization?: string][] = [
  ["no client", {}],
  ["a wrong secret", {}, basic("orders", secrets.gateway)],
  ["a secret but for its last character", {}, basic("orders", `${secrets.orders.slice(0, -1)}B`)],
  ["a secret with a space behind it", {}, basic("orders", `${secrets.orders} `)],
  ["an empty secret", {}, basic("orders", "")],
  ["an unknown service", {}, `Basic ${Buffer.from(`nobody:${secrets.orders}`).toString("base64")}`],
  [
    "a member of every object",
    {},
    `Basic ${Buffer.from(`constructor:${secrets.orders}`).toString("base64")}`,
  ],
  ["a service without its secret", { client_id: "orders" }],
  ["a service with an empty secret", { client_id: "orders", client_secret: "" }],
  ["a secret without a name", { client_secret: secrets.orders }],
  ["a public client with somebody's secret", { client_id: "jwt", client_secret: secrets.orders }],
  ["a user's client by Basic", {}, `Basic ${Buffer.from("jwt:").toString("base64")}`],
  ["the stored hash in place of the secret", {}, basic("orders", "A".repeat(43))],
  ["a bearer token", {}, `Bearer ${secrets.orders}`],
  ["a bearer token and parameters", { client_id: "orders", client_secret: secrets.orders }, "Bearer x"],
  ["Basic without a colon", {}, `Basic ${Buffer.from("orders").toString("base64")}`],
  ["Basic that is no base64", {}, "Basic %%%"],
  ["Basic with base64url", {}, `Basic ${Buffer.from("orders:>>>???>>>").toString("base64url")}`],
  ["Basic with a broken escape", {}, `Basic ${Buffer.from("orders:%zz").toString("base64")}`],
  ["Basic that is not UTF-8", {}, `Basic ${Buffer.from([0x6f, 0x3a, 0xff, 0xfe]).toString("base64")}`],
  ["Digest", {}, 'Digest username="orders"'],
  ["an empty header", {}, ""],
];

test.each(refused)("401 invalid_client: %s", async (_, body, authorization) => {
  const stage = await makeStage();
  for (const path of endpoints) {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await ask(stage, path, { ...fields, ...body }, headers);
    expect(response.status, path).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Basic realm="latchkey"');
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    const answer = await read(response);
    expect(Object.keys(answer).sort()).toEqual(["error", "error_description"]);
    expect(answer.error).toBe("invalid_client");
    expect(JSON.stringify(answer)).not.toContain(secrets.orders);
  }
});

test("a wrong secret and an unknown service are answered alike", async () => {
  const stage = await makeStage();
  const answers = ["orders", "nobody"].map(async (id) => {
    const authorization = `Basic ${Buffer.from(`${id}:${"x".repeat(43)}`).toString("base64")}`;
    const response = await ask(stage, "/oauth2/token", fields, { authorization });
    return [response.status, Object.fromEntries(response.headers), await response.text()];
  });
  const [wrong, unknown] = await Promise.all(answers);
  expect(wrong).toEqual(unknown);
});

test.each(endpoints)("400 invalid_request: two ways at once (%s)", async (path) => {
  const stage = await makeStage();
  const headers = { authorization: basic("gateway") };
  const both = await ask(stage, path, { ...fields, client_secret: secrets.gateway }, headers);
  const another = await ask(stage, path, { ...fields, client_id: "orders" }, headers);
  const same = await ask(stage, path, { ...fields, client_id: "gateway" }, headers);
  expect([both.status, (await read(both)).error]).toEqual([400, "invalid_request"]);
  expect([another.status, (await read(another)).error]).toEqual([400, "invalid_request"]);
  expect(same.status, "naming oneself again is no second way").toBe(200);
});

test.each(endpoints)("cookies and origins play no part (%s)", async (path) => {
  const stage = await makeStage();
  const { cookie = "", userId } = await stage.signUp("web");
  const foreign = { cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const response = await ask(stage, path, fields, { ...foreign, authorization: basic("gateway") });
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie()).toEqual([]);
  const alone = await ask(stage, path, fields, foreign);
  expect(alone.status, "a cookie is no client").toBe(401);
  expect(alone.headers.getSetCookie()).toEqual([]);
  expect(await stage.auth.api.listSessions({ userId })).toHaveLength(1);
});
