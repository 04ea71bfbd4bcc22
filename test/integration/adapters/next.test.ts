import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildSite } from "../../support/servers/next-site.ts";
import { inBrowser, onServer } from "./next-bundle.ts";
import { actionIn, attempts, protectedPaths, visit } from "./next-bypass.ts";
import { type NextSite, openNextSite } from "./next-site.ts";
import { admin, maxStaleness, type OpenSite, type SiteSettings, walkThroughSites } from "./open-site.ts";
import { takeFile } from "./scenario.ts";
import { Visitor } from "./visitor.ts";

// Each site is a process that takes a second of a core to start.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(buildSite, 900_000);

const makeAdmin = (auth: Parameters<Parameters<typeof openNextSite>[2]>[0]): Promise<unknown> =>
  auth.api.createUser({ ...admin, roles: ["admin", "editor"] });

/* ------------------------------------------------------- the shared scenario -- */

async function openScenario(settings: SiteSettings): Promise<OpenSite> {
  const { strategy, transport } = settings;
  // Longer where it expires: what comes after a renewal is another process's to answer.
  const accessExpiresIn = settings.accessExpiresIn < 60 ? 8 : settings.accessExpiresIn;
  const env = { STRATEGY: strategy, TRANSPORT: transport, ACCESS_EXPIRES_IN: String(accessExpiresIn) };
  const { url, database, close } = await openNextSite("scenario", env, makeAdmin);
  const takeStore = () => takeFile(database);
  const site = { baseURL: url, client: "app", hasBroken: true, takeStore, admin, maxStaleness };
  return { site: { ...site, strategy, transport, accessExpiresIn }, close };
}

/** The strategies do not know Next, and the other frameworks' sites walk through all of them. */
const usual = ["session by cookie", "jwt by cookie", "jwt-live by cookie", "jwt-live by bearer"];

walkThroughSites("next", openScenario, ({ strategy, transport }) => {
  return process.env.LATCHKEY_FULL !== undefined || usual.includes(`${strategy} by ${transport}`);
});

/* ------------------------------------------------------- past the proxy, or beside it -- */

describe.each(["with its proxy", "without a proxy"])("the example %s", (how) => {
  let site: NextSite;
  let boss: Visitor;
  let stranger: Visitor;

  beforeAll(async () => {
    const env: Record<string, string> = how === "without a proxy" ? { PROXY: "none" } : {};
    site = await openNextSite("example", env, makeAdmin);
    boss = new Visitor(site.url, "web", "cookie");
    stranger = new Visitor(site.url, "web", "cookie");
    await boss.signIn(admin);
  }, 120_000);
  afterAll(() => site.close());

  test.each(protectedPaths)("shows $path to whom it is for", async ({ path, marker }) => {
    for (const headers of [{}, { rsc: "1" }]) {
      expect((await visit(boss, path, headers)).text, JSON.stringify(headers)).toContain(marker);
    }
  });

  test.each(protectedPaths)(
    "shows $path to nobody else, whatever a request says",
    async ({ path, marker }) => {
      const seen = await Promise.all(
        attempts(path).map(async ({ target, headers }) => {
          const { status, text } = await visit(stranger, target, headers);
          expect(text, `${target} ${JSON.stringify(headers)}`).not.toContain(marker);
          return status;
        }),
      );
      // They were looked at, and not all refused for some other reason.
      expect(seen).toContain(path === "/me" ? 401 : 307);
    },
  );

  test.each([
    ...[
      "//evil.example",
      "/\\\\evil.example",
      "https://evil.example/",
      "/%2f/evil.example",
      "/%252e%252e//evil.example",
    ],
    ...[
      "/.//evil.example",
      "/account?next=//evil.example",
      "/sign-in",
      "@evil.example",
      "javascript:alert(1)",
    ],
  ])("whoever says to come from %j is led to nobody else", async (target) => {
    for (const headers of [{}, { rsc: "1" }]) {
      const seen = await visit(stranger, "/account", { ...headers, "x-latchkey-target": target });
      expect(seen.text).not.toContain("Notes");
      // Without a redirection Next shows what it has for 401.
      const location = new URL(seen.headers.get("location") ?? "/", site.url);
      expect(location.origin).toBe(site.url);
      expect(new URL(location.searchParams.get("next") ?? "/", site.url).origin).toBe(site.url);
      expect(seen.text).not.toMatch(/NEXT_REDIRECT;[^;]*;(?!\/[^/\\])/);
    }
  });

  test("an action is called by our pages only, for those who may", async () => {
    const form = actionIn((await boss.get("/account")).text);
    const call = (visitor: Visitor, text: string, headers: Record<string, string | null>) =>
      visitor.send("POST", "/account", { body: form.body(text), headers: { ...form.headers, ...headers } });
    const ours = { "sec-fetch-mode": "navigate" };
    expect((await call(stranger, "by nobody", ours)).headers.get("location")).toContain("/sign-in");
    const evil = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    await call(boss, "from another site", evil);
    // Next itself lets pass what names no origin. The answer to a plain form it makes a 404 of.
    const unnamed = { origin: null, "sec-fetch-site": "cross-site" };
    expect((await call(boss, "from another site", unnamed)).status).toBe(404);
    const byScript = { ...form.byScript, ...unnamed };
    expect((await boss.send("POST", "/account", { body: "[]", headers: byScript })).status).toBe(403);
    await call(boss, "by the editor", ours);
    const { text } = await boss.get("/account");
    expect(text).toContain("by the editor");
    expect(text).not.toMatch(/by nobody|from another site/);
  });
});

/* ------------------------------------------------------------------- what is renewed -- */

test("a renewed credential reaches the browser, whatever else the answer is", async ({ onTestFinished }) => {
  const site = await openNextSite("example", { ACCESS_EXPIRES_IN: "2" }, makeAdmin);
  onTestFinished(site.close);
  const boss = new Visitor(site.url, "web", "cookie");
  await boss.signIn(admin);
  const expired = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 2500));
  const expectRenewed = ({ headers }: { headers: Headers }): void => {
    expect(headers.getSetCookie().map((line) => line.split("=", 1)[0])).toContain("latchkey-web");
    expect(headers.get("cache-control")).toMatch(/no-store/);
    expect(headers.get("cache-control")).not.toMatch(/public|s-maxage/);
  };

  await expired();
  const page = await boss.get("/cookie", { "sec-fetch-mode": "navigate" });
  expectRenewed(page);
  expect(page.text).toContain("known as");
  await expired();
  // A page that is the same for everybody would be kept by caches for a year.
  expectRenewed(await boss.get("/", { "sec-fetch-mode": "navigate" }));
  await expired();
  // Behind a link of Next's, which hides from the proxy what it asks for.
  const linked = await visit(boss, "/cookie", { rsc: "1" }, expectRenewed);
  expect(linked.text).toContain("known as");
  await expired();
  const form = actionIn(page.text);
  const acted = await boss.send("POST", "/cookie", { body: form.body(""), headers: form.headers });
  expectRenewed(acted);
  expect(acted.headers.getSetCookie().join()).toMatch(/\bown=1/);
  expect(acted.text, "what is shown after the action knows it too").toContain("known as");
  await expired();
  // Renewed by the proxy and taken away by the action behind it: the browser ends with nothing.
  const out = actionIn((await boss.get("/account")).text, 0);
  expect((await boss.send("POST", "/account", { body: out.body(""), headers: out.headers })).status).toBe(
    303,
  );
  expect(boss.cookie).not.toMatch(/latchkey-web/);
});

test("requests that come together, with a token that has expired, go on as one and the same sign-in", async ({
  onTestFinished,
}) => {
  const site = await openNextSite("example", { ACCESS_EXPIRES_IN: "2" }, makeAdmin);
  onTestFinished(site.close);
  const boss = new Visitor(site.url, "web", "cookie");
  await boss.signIn(admin);
  const carried = boss.cookie; // Each request sends what it had, as tabs do.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(site.url + path, { headers: { cookie: carried, ...headers }, redirect: "manual" });
  const prefetch = { rsc: "1", "next-router-prefetch": "1", purpose: "prefetch" };
  const answers = await Promise.all([
    ...["/account", "/account?tab=1", "/me", "/cookie", "/"].map((path) => ask(path)),
    ...["/account", "/"].map((path) => ask(path, prefetch)),
    ...["/account", "/admin"].map((path) => ask(path, { "sec-fetch-mode": "navigate" })),
  ]);
  expect(answers.map(({ status }) => status).filter((status) => status >= 400)).toEqual([]);
  expect(answers.filter(({ headers }) => headers.get("location")?.includes("sign-in"))).toEqual([]);
  const renewed = answers.filter(({ headers }) => headers.getSetCookie().join().includes("latchkey-web="));
  expect(renewed.length).toBeGreaterThan(5);
  // Whichever of these cookies come last, the sign-in goes on with them.
  const refresh = /latchkey-web-refresh=[^;]+/.exec(carried)?.[0] ?? "";
  for (const { headers } of renewed) {
    const cookie = headers.getSetCookie().map((line) => line.split(";", 1)[0]);
    expect((await ask("/me", { cookie: [...cookie, refresh].join("; ") })).status).toBe(200);
  }

  // Who signs out while others renew is signed out, whatever cookies come last.
  const json = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
  const [out, ...others] = await Promise.all([
    fetch(`${site.url}/api/auth/sign-out`, {
      method: "POST",
      headers: { cookie: carried, ...json },
      body: "{}",
    }),
    ...[1, 2, 3, 4].map(() => ask("/account")),
  ]);
  expect(out?.status).toBe(200);
  for (const { headers } of others) {
    const cookie = headers.getSetCookie().map((line) => line.split(";", 1)[0]);
    for (const path of ["/me", "/account"])
      expect([401, 307]).toContain((await ask(path, { cookie: [...cookie, refresh].join("; ") })).status);
  }
});

/* ------------------------------------------------------------------- what is delivered -- */

test("nothing of the server is delivered to browsers", () => {
  const markers = [/["'`]node:[a-z]/, /latchkey\.error\.1/, /lkr_/, /argon2/, /libsql/, /first look/];
  const [there, delivered] = [onServer(), inBrowser()];
  for (const marker of markers) {
    expect(marker.test(there), `${marker} on the server`).toBe(true);
    expect(marker.exec(delivered)?.[0], `${marker} in the browser`).toBeUndefined();
  }
});
