import { type Auth, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { type HeaderFields, makeRequest } from "../../support/requests.ts";
import { baseURL, credentialOf, makeStage, secret, signUp } from "../../support/stage.ts";

const configured = makeAuth({ baseURL, trustedOrigins: ["https://admin.example", "http://localhost:5173"] });
const withPort = makeAuth({ baseURL: "https://app.example:8443" });
const development = makeAuth({});

function makeAuth(options: { baseURL?: string; trustedOrigins?: string[] }): Auth {
  return latchkey({ secret, store: memoryStore(), ...options });
}

function verdict(auth: Auth, fields: HeaderFields, method = "POST"): "passes" | "refused" {
  const refusal = auth.checkOrigin(makeRequest(fields, method));
  if (refusal !== undefined) expect(refusal).toEqual({ ok: false, code: "csrf_refused" });
  return refusal === undefined ? "passes" : "refused";
}

describe("P26: the method", () => {
  const hostile = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };

  test.each(["GET", "HEAD", "OPTIONS"])("%s changes nothing and passes", (method) => {
    expect(verdict(configured, hostile, method)).toBe("passes");
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "PROPFIND", "QUERY", "get", "GeT", ""])(
    "%s is checked",
    (method) => {
      expect(verdict(configured, hostile, method)).toBe("refused");
    },
  );

  test.each(["websocket", "WebSocket", "WEBSOCKET"])("a GET that upgrades to %s is checked", (upgrade) => {
    expect(verdict(configured, { ...hostile, upgrade }, "GET")).toBe("refused");
    expect(verdict(configured, { upgrade, origin: baseURL }, "GET")).toBe("passes");
    expect(verdict(configured, { upgrade, origin: "null" }, "GET")).toBe("refused");
    expect(verdict(configured, { upgrade }, "GET")).toBe("refused");
  });

  test("a GET that upgrades to something else is a GET", () => {
    expect(verdict(configured, { ...hostile, upgrade: "h2c" }, "GET")).toBe("passes");
  });
});

describe("P26: Sec-Fetch-Site and Origin", () => {
  const sites = ["same-origin", "none", "same-site", "cross-site", "", "Same-Origin", "other"];
  const origins: readonly (readonly [origin: string | undefined, ours: boolean])[] = [
    [undefined, false],
    [baseURL, true],
    ["https://admin.example", true],
    ["http://localhost:5173", true],
    ["https://evil.example", false],
    ["null", false],
    ["", false],
  ];
  const table = sites.flatMap((site) => origins.map(([origin, ours]) => [site, origin, ours] as const));

  test.each(table)("%s with Origin %s", (site, origin, ours) => {
    const passes = site === "same-origin" || site === "none" || ours;
    const fields = { "sec-fetch-site": site, ...(origin === undefined ? {} : { origin }) };
    expect(verdict(configured, fields)).toBe(passes ? "passes" : "refused");
    expect(verdict(configured, { ...fields, "content-type": "application/json" })).toBe(
      passes ? "passes" : "refused",
    );
  });

  test.each(origins)("no Sec-Fetch-Site, Origin %s", (origin, ours) => {
    expect(verdict(configured, origin === undefined ? {} : { origin })).toBe(ours ? "passes" : "refused");
  });

  test.each([
    "http://app.example",
    "https://app.example/",
    "https://app.example:443",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://evil-app.example",
    "https://notapp.example",
    "https://sub.app.example",
    "https://example",
    "https://app.example@evil.example",
    "https://APP.example",
    "https://app.example.",
    " https://app.example",
    "https://app.example evil",
    "https://app.example,https://evil.example",
    "https://app.example\u0000",
    "https://app．example",
    "app.example",
    "//app.example",
    "file://",
    "*",
    "https://admin.example:444",
    "http://admin.example",
    "http://localhost:5174",
    "http://localhost",
    "http://127.0.0.1:5173",
    "NULL",
    "undefined",
  ])("Origin %j is none of ours", (origin) => {
    expect(verdict(configured, { origin })).toBe("refused");
    expect(verdict(configured, { origin, host: "app.example" })).toBe("refused");
  });

  test("a port in baseURL is part of the origin", () => {
    expect(verdict(withPort, { origin: "https://app.example:8443" })).toBe("passes");
    expect(verdict(withPort, { origin: "https://app.example" })).toBe("refused");
    expect(verdict(withPort, { origin: "https://app.example:8444" })).toBe("refused");
  });

  test("what a proxy or a client says of itself counts for nothing", () => {
    const origin = "https://evil.example";
    expect(verdict(configured, { origin, host: "evil.example", "x-forwarded-host": "app.example" })).toBe(
      "refused",
    );
    expect(verdict(configured, { origin, referer: `${baseURL}/` })).toBe("refused");
    expect(verdict(configured, { referer: `${baseURL}/` })).toBe("refused");
  });
});

describe("P26: with neither header", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
    "Application/JSON",
    " application/json ",
  ])("%j passes", (type) => {
    expect(verdict(configured, { "content-type": type })).toBe("passes");
  });

  test.each([
    "",
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/jsonp",
    "application/json5",
    "application/problem+json",
    "x-application/json",
    "application /json",
    "json",
  ])("%j is refused", (type) => {
    expect(verdict(configured, { "content-type": type })).toBe("refused");
  });

  test("no content type is refused", () => {
    expect(verdict(configured, {})).toBe("refused");
  });
});

describe("P26: without baseURL", () => {
  test.each(["localhost:3000", "localhost", "127.0.0.1:8080", "[::1]:3000", "[::1]"])(
    "a page of the loopback host %s passes",
    (host) => {
      expect(verdict(development, { origin: `http://${host}`, host })).toBe("passes");
    },
  );

  test.each([
    ["http://localhost:3001", "localhost:3000"],
    ["http://127.0.0.1:3000", "localhost:3000"],
    ["https://localhost:3000", "localhost:3000"],
    ["http://app.test:3000", "app.test:3000"],
    ["http://192.168.0.2:3000", "192.168.0.2:3000"],
    ["http://0.0.0.0:3000", "0.0.0.0:3000"],
    ["http://127.0.0.1.evil.example", "127.0.0.1.evil.example"],
    ["http://localhost.evil.example:3000", "localhost.evil.example:3000"],
    ["http://evil.example", "localhost"],
    ["http://localhost@evil.example", "localhost@evil.example"],
    ["http://localhost:123456", "localhost:123456"],
    ["null", "localhost:3000"],
    ["null", "null"],
  ])("a page of %s does not, sent to %s", (origin, host) => {
    expect(verdict(development, { origin, host })).toBe("refused");
  });

  test("a page of a loopback host does not where the request names no host", () => {
    expect(verdict(development, { origin: "http://localhost:3000" })).toBe("refused");
  });

  test("with baseURL the request's own host counts for nothing", () => {
    expect(verdict(configured, { origin: "http://localhost:3000", host: "localhost:3000" })).toBe("refused");
  });
});

describe("P26: authenticate applies it to the application's own routes", () => {
  const clients = {
    web: { transport: "cookie", strategy: "session" },
    mobile: { transport: "bearer", strategy: "session" },
  } as const;
  const hostile = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };

  test("when one of our cookies is present, before the credential is judged", async () => {
    const { auth, calls } = makeStage({ clients });
    const cookie = credentialOf(await signUp(auth, "ada@example.com", "web"));
    calls.length = 0;
    for (const sent of [cookie, "__Host-latchkey-web=forged", "__Host-latchkey-web="]) {
      const request = makeRequest({ ...hostile, cookie: sent }, "POST");
      expect(await auth.authenticate(request)).toEqual({ ok: false, code: "csrf_refused" });
    }
    expect(calls).toEqual([]);
    const own = makeRequest({ cookie, "sec-fetch-site": "same-origin" }, "POST");
    expect(await auth.authenticate(own)).toHaveProperty("ok", true);
    expect(await auth.authenticate(makeRequest({ ...hostile, cookie }))).toHaveProperty("ok", true);
    const upgrade = makeRequest({ ...hostile, cookie, upgrade: "websocket" });
    expect(await auth.authenticate(upgrade)).toEqual({ ok: false, code: "csrf_refused" });
  });

  test("but not to a Bearer credential, nor where nothing of ours is sent", async () => {
    const { auth } = makeStage({ clients });
    const cookie = credentialOf(await signUp(auth, "ada@example.com", "web"));
    const token = credentialOf(await signUp(auth, "bob@example.com", "mobile"));
    const authorization = `Bearer ${token}`;
    const request = makeRequest({ ...hostile, authorization, cookie }, "POST");
    expect(await auth.authenticate(request)).toHaveProperty("client", "mobile");
    const nothing = makeRequest({ ...hostile, cookie: "a=1" }, "POST");
    expect(await auth.authenticate(nothing)).toEqual({ ok: false, code: "credential_missing" });
  });
});

test("a program that forgot the content type is told so, and a page of another site is not", async () => {
  const { auth } = makeStage();
  const url = "https://app.example/api/auth/sign-in/email";
  const body = new URLSearchParams({ email: "ada@example.com", password: "x" });
  const ask = async (headers: Record<string, string>): Promise<unknown> =>
    (await auth.handler(new Request(url, { method: "POST", headers, body }))).json();
  const detail = expect.stringMatching(/Content-Type: application\/json/);
  expect(await ask({})).toMatchObject({ code: "csrf_refused", detail });
  expect(await ask({ origin: "https://evil.example" })).not.toHaveProperty("detail");
  expect(await ask({ "sec-fetch-site": "cross-site" })).not.toHaveProperty("detail");
});
