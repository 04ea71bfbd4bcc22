import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "./run-server.ts";
import { postJson, Visitor } from "./visitor.ts";

const email = "ada@example.org";
const password = "correct horse staple";

async function demo(): Promise<string> {
  return (await startServer(["--demo", "--db", join(temporaryFolder(), "a.db")])).url;
}

/** Signs in through one of the demo's clients and gives the credential. */
async function tokenOf(url: string, client: string): Promise<string> {
  const { body } = await postJson(`${url}/api/auth/sign-in/email`, { email, password, client });
  return String(body.sessionToken ?? body.accessToken);
}

test("the same route accepts every strategy and shows what a check knows", async () => {
  const url = await demo();
  await postJson(`${url}/api/auth/sign-up/email`, { email, password });
  const strategies = {
    session: "session",
    jwt: "jwt",
    "jwt-denylist": "jwt-denylist",
    "jwt-allowlist": "jwt-allowlist",
    mobile: "jwt-live",
  };
  for (const [client, strategy] of Object.entries(strategies)) {
    const token = await tokenOf(url, client);
    const response = await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toContain("no-store");
    const me = await response.json();
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const id = expect.any(String);
    expect(me).toEqual({
      user: { id, roles: [] },
      session: { id, userId: id, client, createdAt: time, expiresAt: time, authTime: time, amr: ["pwd"] },
      client,
      strategy,
    });
    expect(me.session.userId).toBe(me.user.id);
  }
});

test("the pages' cookie is accepted too", async () => {
  const url = await demo();
  const ada = new Visitor(url);
  await ada.post("/sign-up", { email, password });
  const me = await (await ada.get("/api/me")).json();
  expect(me).toMatchObject({ client: "web", strategy: "session-live" });
});

test("a cookie client over JWTs is accepted, and gets a cookie to refresh by", async () => {
  const url = await demo();
  const body = JSON.stringify({ email, password, client: "web-jwt" });
  const signUp = { method: "POST", body, headers: { "content-type": "application/json" } };
  const cookies = (await fetch(`${url}/api/auth/sign-up/email`, signUp)).headers.getSetCookie();
  const pairs = cookies.map((cookie) => cookie.split(";", 1)[0] ?? "");
  const names = pairs.map((pair) => pair.split("=", 1)[0]);
  expect(names).toEqual(["latchkey-web-jwt", "latchkey-web-jwt-refresh", "latchkey-device"]);
  const me = await fetch(`${url}/api/me`, { headers: { cookie: pairs.join("; ") } });
  expect(await me.json()).toMatchObject({ client: "web-jwt", strategy: "jwt" });
});

test("nothing sent: 401 with a bare challenge; something wrong sent: with its error", async () => {
  const url = await demo();
  const nothing = await fetch(`${url}/api/me`);
  expect(nothing.status).toBe(401);
  expect(nothing.headers.get("www-authenticate")).toBe('Bearer realm="latchkey"');
  const bad = await fetch(`${url}/api/me`, { headers: { authorization: "Bearer lks_a.b.c" } });
  expect(bad.status).toBe(401);
  expect(bad.headers.get("content-type")).toContain("application/problem+json");
  expect(bad.headers.get("www-authenticate")).toMatch(/^Bearer realm="latchkey", .*error="invalid_token"/);
  expect(await bad.json()).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status: 401,
    code: "credential_invalid",
  });
});

test("a session signed out from the device list is refused at once", async () => {
  const url = await demo();
  const ada = new Visitor(url);
  await ada.post("/sign-up", { email, password });
  const authorization = `Bearer ${await tokenOf(url, "session")}`;
  expect((await fetch(`${url}/api/me`, { headers: { authorization } })).status).toBe(200);
  await ada.post("/account", { action: "revoke-others" });
  const refused = await fetch(`${url}/api/me`, { headers: { authorization } });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ code: "session_ended" });
});

test("without --demo there is no such route", async () => {
  const { url } = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  expect((await fetch(`${url}/api/me`)).status).toBe(404);
  const home = await fetch(url, { redirect: "manual" });
  expect([home.status, home.headers.get("location")]).toEqual([303, "/account"]);
});

test("documents lie at the root as well as below the base path", async () => {
  const url = await demo();
  for (const path of ["/openapi.json", "/.well-known/jwks.json"]) {
    const atRoot = await fetch(url + path);
    expect(atRoot.status).toBe(200);
    expect(await atRoot.text()).toBe(await (await fetch(`${url}/api/auth${path}`)).text());
  }
});

test("an unknown address is a page for people and a problem for programs", async () => {
  const url = await demo();
  const page = await fetch(`${url}/nowhere`, {
    headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" },
  });
  expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
  const problem = await fetch(`${url}/nowhere`);
  expect([problem.status, problem.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
});
