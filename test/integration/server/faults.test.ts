import { type Auth, LatchkeyError } from "latchkey";
import { expect, test } from "vitest";
import { makeApp } from "../../../packages/server/src/app.ts";
import { makeSetupGate } from "../../../packages/server/src/run/first-admin.ts";
import { makeLog } from "../../../packages/server/src/run/log.ts";
import { requestLog } from "../../../packages/server/src/run/request-log.ts";

/** The app over an authenticator of which every call fails with `error`. */
function appThatFails(error: Error) {
  const fail = () => {
    throw error;
  };
  const reject = () => Promise.reject(error);
  const api = new Proxy({} as Auth["api"], { get: () => reject });
  const auth: Auth = {
    api,
    on: () => () => undefined,
    roles: undefined,
    basePath: "/api/auth",
    handler: reject,
    authenticate: fail,
    renew: reject,
    checkOrigin: () => undefined,
    watch: () => () => undefined,
    stats: fail,
    now: () => 0,
    start: reject,
    drain: () => undefined,
    close: reject,
  };
  const lines: string[] = [];
  const log = makeLog("info", { write: (line) => void lines.push(line) });
  const baseURL = "https://app.example";
  const site = { auth, baseURL, signUpOpen: true, passwordMinLength: 8, gate: makeSetupGate(false).gate };
  const app = makeApp({ site, basePath: "/api/auth", demo: true, log: requestLog(log) });
  const env = { incoming: { socket: { remoteAddress: "127.0.0.1" } } };
  return { ask: (path: string, init?: RequestInit) => app.request(baseURL + path, init, env), lines };
}

const form = {
  method: "POST",
  body: new URLSearchParams({ email: "ada@example.org", password: "correct horse staple", action: "rename" }),
};

for (const [path, init] of [
  ["/account"],
  ["/account", form],
  ["/sign-in"],
  ["/sign-in", form],
  ["/sign-up", form],
  ["/sign-out", form],
] as const) {
  test(`${init ? "POST" : "GET"} ${path} says that it cannot tell, and keeps the cookie`, async () => {
    const { ask } = appThatFails(new LatchkeyError("cannot_tell", "the disk is gone", { retryAfter: 3 }));
    const response = await ask(path, init);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.get("set-cookie")).toBeNull();
    const page = await response.text();
    expect(page).toContain("We cannot tell right now");
    expect(page).not.toContain("the disk is gone");
  });
}

test("/api/me answers 503 as a problem, and the log says why", async () => {
  const { ask, lines } = appThatFails(new LatchkeyError("cannot_tell", "the disk is gone"));
  const response = await ask("/api/me");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ status: 503, code: "cannot_tell" });
  expect(lines.join("")).toContain("the disk is gone");
});

test("an error that nobody foresaw is logged with its words and answered without them", async () => {
  const { ask, lines } = appThatFails(new TypeError("secret plan lks_abc.defghijkl.mnop"));
  for (const path of ["/account", "/api/me"]) {
    const response = await ask(path, { headers: { accept: "text/html" } });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret plan");
  }
  expect(lines.join("")).toContain("secret plan [redacted]");
});

test("https brings HSTS", async () => {
  const { ask } = appThatFails(new Error("no"));
  expect((await ask("/")).headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
});
