import { describe, expect, test } from "vitest";
import { basic, bearer, billing, exchangeForm, makeStage, read, type Stage } from "../../support/oauth.ts";

const formType = "application/x-www-form-urlencoded";

/** All that a store would show of a request that changed something. */
async function everything({ auth }: Stage): Promise<unknown> {
  const users = await auth.api.listUsers();
  const sessions = await Promise.all(users.map(({ id: userId }) => auth.api.listSessions({ userId })));
  return { users, sessions, events: await auth.api.listEvents({ limit: 200 }) };
}

interface Bad {
  readonly what: string;
  readonly body: BodyInit;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly status?: number;
}

const tooMuch = "x".repeat(65 * 1024);

/** For each of the OAuth endpoints. `token` and `grant_type` would be fine but for what is wrong. */
const badForms: readonly Bad[] = [
  {
    what: "JSON",
    body: '{"token":"x","grant_type":"client_credentials"}',
    headers: { "content-type": "application/json" },
  },
  { what: "no content type", body: new TextEncoder().encode("token=x&grant_type=client_credentials") },
  { what: "multipart", body: "token=x", headers: { "content-type": "multipart/form-data; boundary=x" } },
  { what: "text", body: "token=x&grant_type=client_credentials", headers: { "content-type": "text/plain" } },
  { what: "almost a form", body: "token=x", headers: { "content-type": `${formType}-not` } },
  { what: "nothing", body: "", headers: { "content-type": formType } },
  { what: "nothing but signs", body: "&&&===&", headers: { "content-type": formType } },
  { what: "JSON said to be a form", body: '{"token":"x"}', headers: { "content-type": formType } },
  {
    what: "a parameter twice",
    body: "token=x&token=x&grant_type=client_credentials&grant_type=client_credentials",
  },
  { what: "a parameter twice, once empty", body: "token=x&token=&grant_type=client_credentials&grant_type=" },
  { what: "an unknown parameter twice", body: "token=x&grant_type=client_credentials&a=1&a=2" },
  { what: "a planted name twice", body: "token=x&%22%3Cscript%3E=1&%22%3Cscript%3E=2" },
  { what: "an empty value", body: "token=&grant_type=" },
  { what: "no UTF-8", body: new Uint8Array([0x74, 0x3d, 0xff, 0xfe]), headers: { "content-type": formType } },
  { what: "too much", body: `token=${tooMuch}&grant_type=client_credentials`, status: 413 },
  { what: "parameters in the address only", body: "", headers: { "content-type": formType } },
  { what: "GET", body: "", method: "GET", status: 405 },
  { what: "PUT", body: "token=x", method: "PUT", status: 405 },
  { what: "DELETE", body: "token=x", method: "DELETE", status: 405 },
];

describe.each(["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"])("%s", (path) => {
  test.each(badForms)("$what", async ({ what, body, headers, method = "POST", status = 400 }) => {
    const stage = await makeStage();
    await stage.signUp("deny");
    const before = await everything(stage);
    const query = what.startsWith("parameters") ? "?token=x&grant_type=client_credentials" : "";
    const type = body instanceof Uint8Array ? {} : { "content-type": formType };
    const response = await stage.send(`/api/auth${path}${query}`, {
      method,
      headers: { ...type, ...headers, authorization: basic("gateway") },
      ...(method === "GET" ? {} : { body }),
    });
    expect(response.status).toBe(status);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer = await read(response);
    if (status === 400) {
      expect(answer.error).toBe("invalid_request");
      // RFC 6749, section 5.2: what error_description may hold.
      expect(answer.error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
    }
    expect(JSON.stringify(answer)).not.toContain("<script");
    expect(await everything(stage)).toEqual(before);
  });

  test("a charset is no fault, an unknown parameter neither", async () => {
    const stage = await makeStage();
    const response = await stage.send(`/api/auth${path}`, {
      method: "POST",
      body: "token=x&grant_type=client_credentials&something=else",
      headers: {
        "content-type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
        authorization: basic("gateway"),
      },
    });
    expect(response.status).toBe(200);
  });
});

test.each([
  ["an unknown grant", { grant_type: "password", username: "a", password: "b" }, "unsupported_grant_type"],
  ["an authorization code", { grant_type: "authorization_code", code: "x" }, "unsupported_grant_type"],
  ["a grant of every object", { grant_type: "constructor" }, "unsupported_grant_type"],
  ["no grant", { token: "x" }, "invalid_request"],
])("/oauth2/token, %s", async (_, fields, error) => {
  const { form } = await makeStage();
  const response = await form("/oauth2/token", fields, "orders");
  expect([response.status, (await read(response)).error]).toEqual([400, error]);
});

const badBodies: readonly Bad[] = [
  { what: "nothing", body: "" },
  { what: "no JSON", body: "{" },
  { what: "null", body: "null" },
  { what: "a list", body: "[]" },
  { what: "a text", body: '"x"' },
  { what: "an audience that is a number", body: '{"audience":1}' },
  { what: "an audience that is a list", body: `{"audience":["${billing}"]}` },
  { what: "an empty audience", body: '{"audience":""}' },
  { what: "an audience with a NUL", body: `{"audience":"${billing}\\u0000"}` },
  { what: "a long audience", body: JSON.stringify({ audience: "x".repeat(201) }) },
  { what: "a scope that is a list", body: `{"audience":"${billing}","scope":["invoices:read"]}` },
  { what: "a life in words", body: `{"audience":"${billing}","expiresIn":"60"}` },
  { what: "a life without end", body: `{"audience":"${billing}","expiresIn":1e400}` },
  { what: "a negative life", body: `{"audience":"${billing}","expiresIn":-60}` },
  { what: "a planted prototype", body: `{"audience":"${billing}","__proto__":{"expiresIn":9}}` },
  { what: "another user", body: `{"audience":"${billing}","userId":"x"}` },
  { what: "a form", body: `audience=${billing}`, status: 415, headers: { "content-type": formType } },
  { what: "too much", body: JSON.stringify({ audience: billing, scope: tooMuch }), status: 413 },
];

test.each(badBodies)("POST /token, $what", async ({ body, headers: more, status = 400 }) => {
  const stage = await makeStage();
  const { access } = await stage.signUp("deny");
  const before = await everything(stage);
  const headers = { "content-type": "application/json", ...more, ...bearer(access) };
  const response = await stage.send("/api/auth/token", { method: "POST", body, headers });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await everything(stage)).toEqual(before);
});

test("POST /token, without or with a worthless credential: nothing is said about the body", async () => {
  const { json, send } = await makeStage();
  for (const headers of [
    {},
    bearer("x"),
    bearer(""),
    { authorization: "Bearer" },
    { cookie: "__Host-latchkey-web=x" },
  ]) {
    const response = await json(
      "/token",
      { nonsense: true },
      { "sec-fetch-site": "same-origin", ...headers },
    );
    expect(response.status).toBe(401);
  }
  expect((await send("/api/auth/token")).status).toBe(405);
});

test("tokens of 100,000 characters and of odd ones are inactive, unknown and no subject", async () => {
  const stage = await makeStage();
  const odd = [
    "a".repeat(60_000),
    "\u0000",
    "ä.ö.ü",
    ".".repeat(1000),
    "lks_.".repeat(500),
    "lkr_\n",
    "%",
    "+",
    "null",
  ];
  for (const token of odd) {
    expect(await stage.introspect(token)).toEqual({ active: false });
    expect((await stage.form("/oauth2/revoke", { token }, "orders")).status).toBe(200);
    const exchanged = await stage.form("/oauth2/token", exchangeForm(token), "orders");
    expect([exchanged.status, (await read(exchanged)).error]).toEqual([400, "invalid_request"]);
  }
});
