import { beforeAll, describe, expect, test } from "vitest";
import {
  bearer,
  billing,
  clients,
  exchangeForm,
  type Held,
  makeStage,
  read,
  type Stage,
} from "../../support/oauth.ts";

/**
 * Every kind of token, presented at every place that takes one. A place takes exactly the kinds listed for it; at each
 * other it is refused, as if it had never been a token at all, and it goes on to be good where it belongs.
 */

type Name = keyof typeof clients;

const cookieClients = ["web", "web-jwt"] as const;
const bearerClients = ["app", "jwt", "plain", "deny", "allow"] as const;

let stage: Stage;
let tokens: Map<string, string>;

beforeAll(async () => {
  stage = await makeStage();
  tokens = new Map();
  for (const name of [...cookieClients, ...bearerClients]) addHeld(name, await stage.signUp(name));
  const exchanged = await read(
    await stage.json("/token", { audience: billing }, bearer(tokens.get("access of deny"))),
  );
  const subject = tokens.get("access of deny") ?? "";
  const byService = await read(await stage.form("/oauth2/token", exchangeForm(subject), "orders"));
  const grant = { grant_type: "client_credentials" };
  const service = await read(await stage.form("/oauth2/token", grant, "orders"));
  const abroad = await read(await stage.form("/oauth2/token", { ...grant, audience: billing }, "orders"));
  tokens.set("exchanged by the user", String(exchanged.accessToken));
  tokens.set("exchanged by a service", String(byService.access_token));
  tokens.set("service token for us", String(service.access_token));
  tokens.set("service token for others", String(abroad.access_token));
});

function addHeld(name: Name, { access, session, refresh, device, carried, cookie }: Held): void {
  const isOpaque = carried?.startsWith("lks_");
  const refreshCookie = /-refresh=([^;]+)/.exec(cookie ?? "")?.[1];
  const deviceCookie = /=(lkd_[^;]+)/.exec(cookie ?? "")?.[1];
  const all = {
    [`access of ${name}`]: isOpaque ? access : (carried ?? access),
    [`session of ${name}`]: isOpaque ? carried : session,
    [`refresh of ${name}`]: refresh ?? refreshCookie,
    [`device of ${name}`]: device ?? deviceCookie,
  };
  for (const [what, value] of Object.entries(all)) if (value !== undefined) tokens.set(what, value);
}

/** Credentials of bearer clients. */
const ofBearers = ["session of app", ...["jwt", "plain", "deny", "allow"].map((name) => `access of ${name}`)];
const ofCookies = ["session of web", "access of web-jwt"];
const refreshes = ["refresh of jwt", "refresh of deny", "refresh of allow"];
const ofThird = ["exchanged by the user", "exchanged by a service"];
const ofServices = ["service token for us", "service token for others"];
const devices = [...cookieClients, ...bearerClients].map((name) => `device of ${name}`);
const kinds = [
  ...ofBearers,
  ...ofCookies,
  ...refreshes,
  "refresh of web-jwt",
  ...ofThird,
  ...ofServices,
  ...devices,
];

interface Place {
  readonly what: string;
  readonly takes: readonly string[];
  readonly present: (token: string) => Promise<Response>;
}

const sameSite = { "sec-fetch-site": "same-origin" };

function cookies(token: string): Record<string, string> {
  const names = [
    ...cookieClients.map((name) => `__Host-latchkey-${name}`),
    ...bearerClients.map((name) => `__Host-latchkey-${name}`),
  ];
  return { cookie: names.map((name) => `${name}=${token}`).join("; "), ...sameSite };
}

function refreshCookies(token: string): Record<string, string> {
  const pairs = Object.keys(clients).map((name) => `__Host-latchkey-${name}-refresh=${token}`);
  return { cookie: pairs.join("; "), ...sameSite };
}

const places: readonly Place[] = [
  {
    what: "Authorization of our routes",
    takes: ofBearers,
    present: (token) => stage.send("/api/auth/list-sessions", { headers: bearer(token) }),
  },
  {
    what: "our cookies",
    takes: ofCookies,
    present: (token) => stage.send("/api/auth/list-sessions", { headers: cookies(token) }),
  },
  {
    what: "Authorization of POST /token",
    takes: ofBearers,
    present: (token) => stage.json("/token", { audience: billing }, bearer(token)),
  },
  {
    what: "the cookies of POST /token",
    takes: ofCookies,
    present: (token) => stage.json("/token", { audience: billing }, cookies(token)),
  },
  {
    what: "the body of POST /refresh",
    takes: refreshes,
    present: (refreshToken) => stage.json("/refresh", { refreshToken }),
  },
  {
    what: "the cookies of POST /refresh",
    takes: ["refresh of web-jwt"],
    present: (token) => stage.json("/refresh", {}, { ...refreshCookies(token) }),
  },
  ...bearerClients.map((client_id) => ({
    what: `refresh_token of /oauth2/token for ${client_id}`,
    takes: refreshes.filter((name) => name === `refresh of ${client_id}`),
    present: (refresh_token: string) =>
      stage.form("/oauth2/token", { grant_type: "refresh_token", client_id, refresh_token }),
  })),
  {
    what: "subject_token of /oauth2/token",
    takes: [...ofBearers, ...ofCookies],
    present: (token) => stage.form("/oauth2/token", exchangeForm(token), "orders"),
  },
  {
    what: "Authorization of /oauth2/introspect",
    takes: [],
    present: (token) =>
      stage.send("/api/auth/oauth2/introspect", {
        method: "POST",
        body: new URLSearchParams({ token }),
        headers: bearer(token),
      }),
  },
  {
    what: "client_secret of a service",
    takes: [],
    present: (client_secret) =>
      stage.form("/oauth2/token", { grant_type: "client_credentials", client_id: "orders", client_secret }),
  },
];

test("there is a token of every kind", () => {
  expect([...tokens.keys()].sort()).toEqual([...kinds].sort());
  expect(new Set(tokens.values()).size).toBe(kinds.length);
});

describe.each(places)("$what", ({ takes, present }) => {
  test.each(kinds)("%s", async (kind) => {
    const token = tokens.get(kind) ?? "";
    const response = await present(token);
    expect(response.ok).toBe(takes.includes(kind));
    if (response.ok) return;
    expect([400, 401]).toContain(response.status);
    expect(await response.text(), "no token in the words of a refusal").not.toContain(token);
  });
});

describe("introspection knows all but device tokens, each for what it is", () => {
  test.each(kinds)("%s", async (kind) => {
    const found = await stage.introspect(tokens.get(kind) ?? "");
    if (devices.includes(kind)) return expect(found).toEqual({ active: false });
    expect(found).toMatchObject({
      active: true,
      token_type: kind.startsWith("refresh") ? "refresh_token" : "Bearer",
      aud: audienceOf(kind),
    });
    expect("sid" in found).toBe(!ofServices.includes(kind));
    expect("scope" in found).toBe(ofThird.includes(kind) || ofServices.includes(kind));
  });
});

test("after all this every session is as live as before", async () => {
  for (const name of [...cookieClients, ...bearerClients]) {
    const user = await stage.auth.api.getUser({ email: `${name}@example.com` });
    const sessions = await stage.auth.api.listSessions({ userId: user?.id ?? "" });
    expect(sessions, name).toHaveLength(name === "plain" ? 0 : 1);
  }
});

function audienceOf(kind: string): string {
  if (kind.startsWith("refresh")) return "https://app.example/api/auth";
  return ofThird.includes(kind) || kind === "service token for others" ? billing : "https://app.example";
}
