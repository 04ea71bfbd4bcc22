import { type Auth, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { beforeAll, describe, expect, test } from "vitest";
import { known, password } from "./stage.ts";

/** Every kind of string we hand out. */
interface Kinds {
  readonly session: string;
  readonly access: string;
  readonly refresh: string;
  readonly device: string;
}

let auth: Auth;
let kinds: Kinds;

beforeAll(async () => {
  auth = latchkey({
    secret: "s".repeat(32),
    store: memoryStore(),
    clients: {
      web: { transport: "cookie", strategy: "session" },
      pair: { transport: "cookie", strategy: "jwt" },
      mobile: { transport: "bearer", strategy: "session" },
      app: { transport: "bearer", strategy: "jwt" },
    },
    passwords: { hasher: { hash: async (text) => text, verify: async (hash, text) => hash === text } },
  });
  const opaque = membersOf(await auth.api.signUpEmail({ email: known, password, client: "mobile" }));
  const jwt = membersOf(await auth.api.signInEmail({ email: known, password, client: "app" }));
  kinds = {
    session: opaque.sessionToken ?? "",
    access: jwt.accessToken ?? "",
    refresh: jwt.refreshToken ?? "",
    device: opaque.deviceToken ?? "",
  };
});

function membersOf(result: object): Record<string, string | undefined> {
  if (!("credentials" in result)) throw new Error(JSON.stringify(result));
  return result.credentials as Record<string, string | undefined>;
}

async function send(
  path: string,
  headers: Record<string, string>,
  body: object | undefined,
): Promise<{ status: number; code: unknown }> {
  const request = new Request(`http://localhost/api/auth${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await auth.handler(request);
  const answer = await response.json();
  return { status: response.status, code: answer?.code };
}

describe("a device token opens nothing", () => {
  const places: [string, () => Promise<{ status: number; code: unknown }>][] = [
    ["as a bearer token", () => send("/get-session", { authorization: `Bearer ${kinds.device}` }, undefined)],
    [
      "where one must be signed in",
      () => send("/list-sessions", { authorization: `Bearer ${kinds.device}` }, undefined),
    ],
    [
      "as a session cookie",
      () => send("/get-session", { cookie: `latchkey-web=${kinds.device}` }, undefined),
    ],
    [
      "as an access cookie",
      () => send("/get-session", { cookie: `latchkey-pair=${kinds.device}` }, undefined),
    ],
    ["as a refresh token", () => send("/refresh", {}, { refreshToken: kinds.device })],
    ["as a refresh cookie", () => send("/refresh", { cookie: `latchkey-pair-refresh=${kinds.device}` }, {})],
  ];
  test.each(places)("%s", async (_, attempt) => {
    expect(await attempt()).toEqual({ status: 401, code: "credential_invalid" });
  });

  test("as all that a browser has", async () => {
    const cookie = `latchkey-device=${kinds.device}`;
    expect(await send("/list-sessions", { cookie }, undefined)).toEqual({
      status: 401,
      code: "credential_missing",
    });
    expect(await send("/refresh", { cookie }, {})).toEqual({ status: 401, code: "credential_missing" });
  });

  test("in place of the password", async () => {
    const body = { email: known, password: kinds.device, client: "mobile", deviceToken: kinds.device };
    expect(await send("/sign-in/email", {}, body)).toEqual({ status: 401, code: "invalid_credentials" });
  });
});

test("no other kind of token makes a device known", async () => {
  const guess = { email: known, password: "a guess", client: "mobile" };
  for (let time = 0; time < 12; time++) await send("/sign-in/email", {}, guess);
  const body = { email: known, password, client: "mobile" };
  for (const kind of ["session", "access", "refresh"] as const) {
    const as = async (deviceToken: string) => send("/sign-in/email", {}, { ...body, deviceToken });
    expect(kinds[kind].length).toBeGreaterThan(40);
    expect((await as(kinds[kind])).status, kind).toBe(429);
    expect((await as(kinds[kind].replace(/^lk[rs]_/, "lkd_"))).status, `${kind}, renamed`).toBe(429);
    const cookie = `latchkey-device=${kinds[kind]}`;
    expect((await send("/sign-in/email", { cookie }, { ...body, client: "web" })).status, kind).toBe(429);
  }
  expect((await send("/sign-in/email", {}, { ...body, deviceToken: kinds.device })).status).toBe(200);
});
