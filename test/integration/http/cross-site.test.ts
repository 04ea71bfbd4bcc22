import { latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import {
  clientNames,
  cookieClients,
  makeApp,
  origin,
  outcome,
  secret,
  sessionClients,
  whoIs,
} from "../../support/http/app.ts";
import { makePerson, type Variation } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

// P25 and P26: whose page may send a request with our cookies, and what a bearer header means for them.

const trusted = "https://admin.example";

type Headers = NonNullable<Variation["headers"]>;

const json = { "content-type": "application/json" };

/** Requests as a browser sends them from a page that is not ours. */
const foreign: readonly (readonly [string, Headers])[] = [
  ["of another site", { "sec-fetch-site": "cross-site", origin: "https://evil.test" }],
  ["of another site that hides its origin", { "sec-fetch-site": "cross-site", origin: null }],
  ["of a sibling subdomain", { "sec-fetch-site": "same-site", origin: "https://other.app.example" }],
  ["of a sibling subdomain that hides its origin", { "sec-fetch-site": "same-site", origin: null }],
  ["of another site in an old browser", { "sec-fetch-site": null, origin: "https://evil.test" }],
  ["of no origin (a sandboxed frame)", { "sec-fetch-site": null, origin: "null" }],
  ["of no origin, in a browser of today", { "sec-fetch-site": "cross-site", origin: "null" }],
  ["of the same host without TLS", { "sec-fetch-site": null, origin: "http://app.example" }],
  ["of another port", { "sec-fetch-site": null, origin: "https://app.example:8443" }],
  ["of a host that begins like ours", { "sec-fetch-site": null, origin: "https://app.example.evil.test" }],
  ["of a host that ends like ours", { "sec-fetch-site": null, origin: "https://evil-app.example" }],
  ["of our origin in other letters", { "sec-fetch-site": null, origin: "https://APP.example" }],
  ["of two origins", { "sec-fetch-site": null, origin: "https://app.example, https://evil.test" }],
  ["of two sites", { "sec-fetch-site": "same-origin, cross-site", origin: "https://evil.test" }],
  [
    "of nobody, as a form",
    { "sec-fetch-site": null, origin: null, "content-type": "application/x-www-form-urlencoded" },
  ],
  ["of nobody, as plain text", { "sec-fetch-site": null, origin: null, "content-type": "text/plain" }],
  [
    "of nobody, with JSON in disguise",
    { "sec-fetch-site": null, origin: null, "content-type": "text/plain; application/json" },
  ],
  ["of nobody, without a content type", { "sec-fetch-site": null, origin: null, "content-type": null }],
];

/** Requests from a page of ours or a trusted one, and from what is no browser. */
const welcome: readonly (readonly [string, Headers])[] = [
  ["our own page", { "sec-fetch-site": "same-origin", origin }],
  ["our own page, which hides its origin", { "sec-fetch-site": "same-origin", origin: null }],
  ["the address bar", { "sec-fetch-site": "none", origin: null }],
  ["our own page in an old browser", { "sec-fetch-site": null, origin }],
  ["a trusted page", { "sec-fetch-site": "cross-site", origin: trusted }],
  ["a trusted page of the same site", { "sec-fetch-site": "same-site", origin: trusted }],
  ["a trusted page in an old browser", { "sec-fetch-site": null, origin: trusted }],
  [
    "a program that sends JSON",
    { "sec-fetch-site": null, origin: null, "content-type": "application/json; charset=utf-8" },
  ],
];

/** Every route that changes something for whoever is signed in, with a body that would do it. */
const changing = (id: string, password: string) =>
  [
    ["/sign-out", undefined],
    ["/update-session", { data: { planted: 1 } }],
    ["/revoke-session", { id }],
    ["/revoke-other-sessions", {}],
    ["/revoke-sessions", {}],
    ["/change-password", { currentPassword: password, newPassword: "planted by another" }],
    ["/update-user", { name: "Planted" }],
    ["/delete-user", { password }],
  ] as const;

describe.each(stores)("over $name", (kind) => {
  describe.each(cookieClients)("client %s", (client) => {
    test("a page that is not ours changes nothing", async () => {
      const app = await makeApp({ kind, trustedOrigins: [trusted] });
      const { device, person, userId, sessionId } = await app.arrive(client);
      const other = app.device("mobile");
      await other.signIn(person);
      const before = (await device.get("/get-session")).json;
      app.spy.forget();
      for (const [page, headers] of foreign) {
        for (const [path, body] of changing(sessionId, person.password)) {
          expect([page, path, outcome(await device.post(path, body, { headers }))]).toEqual([
            page,
            path,
            "csrf_refused",
          ]);
        }
      }
      expect(app.spy.calls(), "nothing was even read").toEqual([]);
      expect((await device.get("/get-session")).json).toEqual(before);
      expect(await whoIs(other)).toBe(userId);
    });

    test("a page that is not ours signs nobody in and nobody up, with cookies or without", async () => {
      const app = await makeApp({ kind, trustedOrigins: [trusted] });
      const victim = await app.arrive(client);
      const attacker = await app.enrol();
      app.spy.forget();
      for (const [page, headers] of foreign) {
        for (const device of [victim.device, app.device(client)]) {
          const signIn = await device.signIn(attacker, {}, { headers });
          const signUp = await device.post("/sign-up/email", { ...makePerson(), client }, { headers });
          expect([page, signIn.code, signUp.code]).toEqual([page, "csrf_refused", "csrf_refused"]);
        }
      }
      expect(app.spy.calls()).toEqual([]);
      expect(await whoIs(victim.device)).toBe(victim.userId);
    });

    test("our page, a trusted one and what is no browser pass", async () => {
      const app = await makeApp({ kind, trustedOrigins: [trusted] });
      const person = await app.enrol();
      for (const [page, given] of welcome) {
        const device = app.device(client);
        const headers = { ...json, ...given };
        const answers = [
          await device.signIn(person, {}, { headers }),
          await device.post("/update-user", { name: "Ada" }, { headers }),
          await device.post("/sign-out", {}, { headers }),
        ];
        expect([page, ...answers.map(outcome)]).toEqual([page, 200, 200, 200]);
      }
    });

    test("reading is not changing: another page may cause it (and cannot see it)", async () => {
      const app = await makeApp({ kind });
      const { device } = await app.arrive(client);
      for (const [, headers] of foreign.filter(([, { origin: from }]) => from !== null)) {
        for (const path of ["/get-session", "/list-sessions", "/jwks", "/ok"]) {
          const answer = await device.get(path, { headers });
          expect(answer.status).toBe(200);
          expect(answer.headers.get("access-control-allow-origin")).toBeNull();
        }
      }
    });
  });

  test.each(["mobile", "mobile-jwt"] as const)(
    "a bearer request (%s) is its own proof, from wherever it comes",
    async (client) => {
      const app = await makeApp({ kind });
      const { device } = await app.arrive(client);
      for (const [, headers] of foreign) {
        const sent = { ...headers, ...json };
        expect(outcome(await device.post("/update-user", { name: "Ada" }, { headers: sent }))).toBe(200);
        expect(outcome(await device.post("/revoke-other-sessions", undefined, { headers }))).toBe(200);
      }
    },
  );

  test("a bearer client signs out without a body or a content type, from wherever it is", async () => {
    const app = await makeApp({ kind });
    const { device, person } = await app.arrive("mobile");
    for (const [page, headers] of foreign) {
      await device.signIn(person);
      expect([page, outcome(await device.post("/sign-out", undefined, { headers }))]).toEqual([page, 200]);
      expect(await whoIs(device)).toBeNull();
    }
  });

  test("a bearer header does not open sign-in to other sites", async () => {
    const app = await makeApp({ kind });
    const { device, person } = await app.arrive("mobile");
    const headers = { origin: "https://evil.test", "sec-fetch-site": "cross-site" };
    expect(outcome(await device.signIn(person, {}, { headers }))).toBe("csrf_refused");
    expect(outcome(await device.signIn(person, { client: "web" }, { headers }))).toBe("csrf_refused");
  });

  describe("a bearer header beside cookies", () => {
    test.each([
      ["a wrong token", "Bearer nonsense"],
      ["no token", "Bearer"],
      ["no token, in other letters", "bEARER "],
      ["two tokens", "Bearer a b"],
    ])("with %s: 401, though the cookie is good", async (_, authorization) => {
      const app = await makeApp({ kind });
      const { device, userId } = await app.arrive("web");
      for (const path of ["/get-session", "/list-sessions"]) {
        expect(outcome(await device.get(path, { headers: { authorization } }))).toBe("credential_invalid");
      }
      for (const path of ["/update-user", "/revoke-sessions"]) {
        const body = path === "/update-user" ? { name: "Eve" } : {};
        expect(outcome(await device.post(path, body, { headers: { authorization } }))).toBe(
          "credential_invalid",
        );
      }
      const answer = await device.post("/sign-out", {}, { headers: { authorization } });
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(await whoIs(device), "the cookie's session").toBe(userId);
    });

    test("with a good token: it alone counts, and the cookie is left as it is", async () => {
      const app = await makeApp({ kind });
      const ada = await app.arrive("web");
      const eve = await app.arrive("mobile");
      const headers = { ...ada.device.credentialHeaders(), ...eve.device.credentialHeaders() };
      const both = app.device("mobile");
      expect((await both.get("/get-session", { headers })).body.user?.id).toBe(eve.userId);
      expect(outcome(await both.post("/sign-out", {}, { headers }))).toBe(200);
      expect(await whoIs(eve.device)).toBeNull();
      expect(await whoIs(ada.device)).toBe(ada.userId);
    });

    test.each(["Basic YTpi", "Digest x", "Bearertoken x", "Token x", ""])(
      "another scheme (%s) changes nothing",
      async (authorization) => {
        const app = await makeApp({ kind });
        const { device, userId } = await app.arrive("web");
        const answer = await device.get("/get-session", { headers: { authorization } });
        expect(answer.body.user?.id).toBe(userId);
      },
    );
  });

  test("a credential counts only on the transport of its own client", async () => {
    const app = await makeApp({ kind });
    for (const client of clientNames) {
      const { device } = await app.arrive(client);
      const credential = device.credential() ?? "";
      for (const other of clientNames) {
        const held = app.device(other);
        held.hold(credential);
        const isSameTransport = Object.keys(held.credentialHeaders())[0] === "authorization";
        const fits = other === client || (isSameTransport && client.startsWith("mobile"));
        expect([client, other, outcome(await held.get("/list-sessions"))]).toEqual([
          client,
          other,
          fits ? 200 : "credential_invalid",
        ]);
      }
    }
  });

  test.each(sessionClients)(
    "two cookies of one name are no credential (%s stays untouched)",
    async (client) => {
      const app = await makeApp({ kind });
      const { device, userId } = await app.arrive(client);
      const web = await app.arrive("web");
      const own = web.device.credentialHeaders().cookie ?? "";
      const planted = (await app.arrive("web")).device.credentialHeaders().cookie ?? "";
      for (const cookie of [
        `${own}; ${planted}`,
        `${planted}; ${own}`,
        `${own}; ${own}`,
        `${own};a=b;__Host-latchkey-web=`,
      ]) {
        for (const path of ["/get-session", "/list-sessions"]) {
          expect(outcome(await app.device("web").get(path, { headers: { cookie } }))).toBe(
            "credential_invalid",
          );
        }
      }
      expect(await whoIs(web.device)).toBe(web.userId);
      expect(await whoIs(device)).toBe(userId);
    },
  );

  test.each([
    ["white space of another kind before the name", (own: string) => `\u00a0${own}`],
    ["the name in other letters", (own: string) => own.replace("__Host-", "__HOST-")],
    ["the name without its prefix", (own: string) => own.replace("__Host-", "")],
    ["quotes around the value", (own: string) => `${own.replace("=", '="')}"`],
  ])("a cookie with %s is not ours", async (_, change) => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    const cookie = change(device.credentialHeaders().cookie ?? "");
    const answer = await app.device("web").get("/list-sessions", { headers: { cookie } });
    expect(answer.status).toBe(401);
  });
});

describe("the application's own routes", () => {
  test.each(["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])(
    "authenticate refuses %s from another site",
    async (method) => {
      const app = await makeApp({ trustedOrigins: [trusted] });
      const { device } = await app.arrive("web");
      const code = async (headers: Headers): Promise<string> => {
        const sent = { ...device.credentialHeaders(), ...headers };
        const kept = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null);
        const result = await app.auth.authenticate(new Request(`${origin}/page`, { method, headers: kept }));
        return result.ok ? "accepted" : result.code;
      };
      for (const [, headers] of foreign) expect(await code(headers)).toBe("csrf_refused");
      for (const [, headers] of welcome) expect(await code(headers)).toBe("accepted");
    },
  );

  test("signing out by the API refuses a request from another site", async () => {
    const app = await makeApp();
    const { device, userId } = await app.arrive("web");
    for (const [page, given] of foreign) {
      const sent = { ...device.credentialHeaders(), ...given };
      const headers = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null);
      const request = { method: "POST", headers: new Headers(headers) };
      expect([page, await app.auth.api.signOut(request)]).toMatchObject([
        page,
        { ok: false, code: "csrf_refused" },
      ]);
    }
    expect(await whoIs(device)).toBe(userId);
  });

  test("authenticate refuses a WebSocket upgrade from another site", async () => {
    const app = await makeApp();
    const { device } = await app.arrive("web");
    const code = async (from: string): Promise<string> => {
      const headers = { ...device.credentialHeaders(), upgrade: "WebSocket", origin: from };
      const result = await app.auth.authenticate(new Request(`${origin}/socket`, { headers }));
      return result.ok ? "accepted" : result.code;
    };
    expect(await code("https://evil.test")).toBe("csrf_refused");
    expect(await code(origin)).toBe("accepted");
  });

  test("without baseURL: our own Host on loopback, and no other", () => {
    const auth = latchkey({ secret, store: memoryStore() });
    const code = (host: string, from: string): string => {
      const request = new Request(`http://${host}/`, { method: "POST", headers: { host, origin: from } });
      return auth.checkOrigin(request)?.code ?? "passes";
    };
    expect(code("localhost:3000", "http://localhost:3000")).toBe("passes");
    expect(code("127.0.0.1:3000", "http://127.0.0.1:3000")).toBe("passes");
    expect(code("localhost:3000", "http://localhost:3001")).toBe("csrf_refused");
    expect(code("localhost:3000", "https://localhost:3000")).toBe("csrf_refused");
    expect(code("app.example", "http://app.example")).toBe("csrf_refused");
    expect(code("localhost.evil.test", "http://localhost.evil.test")).toBe("csrf_refused");
  });
});

describe("CORS", () => {
  const paths = ["/get-session", "/list-sessions", "/jwks", "/ok", "/nothing-here"];

  test("a trusted origin is named, on refusals too; no other ever is", async () => {
    const app = await makeApp({ trustedOrigins: [trusted] });
    const { device } = await app.arrive("web");
    for (const path of paths) {
      for (const one of [device, app.device("web")]) {
        for (const from of [origin, trusted]) {
          const { headers } = await one.get(path, { headers: { origin: from } });
          expect(headers.get("access-control-allow-origin")).toBe(from);
          expect(headers.get("access-control-allow-credentials")).toBe("true");
          expect(headers.get("vary")).toMatch(/\borigin\b/i);
        }
        for (const from of [
          "https://evil.test",
          "null",
          `${trusted}.evil.test`,
          "http://admin.example",
          "*",
          null,
        ]) {
          const { headers } = await one.get(path, { headers: { origin: from } });
          expect(headers.get("access-control-allow-origin")).toBeNull();
          expect(headers.get("vary")).toMatch(/\borigin\b/i);
        }
      }
    }
  });

  test("a preflight is answered for trusted origins only, and asks nothing of the store", async () => {
    const app = await makeApp({ trustedOrigins: [trusted] });
    const ask = (from: string) => ({
      headers: {
        origin: from,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    for (const path of ["/sign-in/email", "/get-session", "/update-session"]) {
      const allowed = await app.device("mobile").send("OPTIONS", path, undefined, ask(trusted));
      expect([allowed.status, allowed.text]).toEqual([204, ""]);
      expect(allowed.headers.get("access-control-allow-origin")).toBe(trusted);
      expect(allowed.headers.get("access-control-allow-methods")).toBe("GET,POST");
      expect(allowed.headers.get("access-control-allow-headers")).toContain("authorization");
      const refused = await app.device("mobile").send("OPTIONS", path, undefined, ask("https://evil.test"));
      expect(refused.headers.get("access-control-allow-origin")).toBeNull();
    }
    expect(app.spy.calls()).toEqual([]);
  });
});
