import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildSite } from "../../support/servers/next-site.ts";
import { inBrowser, onServer } from "./next-bundle.ts";
import { actionIn, protectedPaths, spellings, tricks } from "./next-bypass.ts";
import { type NextSite, openNextSite } from "./next-site.ts";
import { admin, maxStaleness, type OpenSite, type SiteSettings, walkThroughSites } from "./open-site.ts";
import { Visitor } from "./visitor.ts";

// Each site is a process that takes a second of a core to start.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(buildSite, 900_000);

const makeAdmin = (auth: Parameters<Parameters<typeof openNextSite>[2]>[0]): Promise<unknown> =>
  auth.api.createUser({ ...admin, roles: ["admin", "editor"] });

/* ------------------------------------------------------- the shared scenario -- */

async function openScenario(settings: SiteSettings): Promise<OpenSite> {
  const { strategy, transport, accessExpiresIn } = settings;
  const env = { STRATEGY: strategy, TRANSPORT: transport, ACCESS_EXPIRES_IN: String(accessExpiresIn) };
  const { url, database, close } = await openNextSite("scenario", env, makeAdmin);
  const site = { baseURL: url, client: "app", hasBroken: true, database, admin, maxStaleness, ...settings };
  return { site, close };
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
      expect((await boss.get(path, headers)).text, JSON.stringify(headers)).toContain(marker);
    }
  });

  test.each(protectedPaths)(
    "shows $path to nobody else, whatever a request says",
    async ({ path, marker }) => {
      const seen = new Set<number>();
      for (const headers of tricks(path)) {
        for (const spelling of spellings(path)) {
          const { status, text } = await stranger.get(spelling, headers);
          expect(text, `${spelling} ${JSON.stringify(headers)}`).not.toContain(marker);
          seen.add(status);
        }
      }
      // They were looked at, and not all refused for some other reason.
      expect(seen).toContain(307);
    },
  );

  test("an action is called by our pages only, for those who may", async () => {
    const form = actionIn((await boss.get("/account")).text);
    const call = (visitor: Visitor, text: string, headers: Record<string, string | null>) =>
      visitor.send("POST", "/account", { body: form.body(text), headers: { ...form.headers, ...headers } });
    const ours = { "sec-fetch-mode": "navigate" };
    expect((await call(stranger, "by nobody", ours)).headers.get("location")).toContain("/sign-in");
    const evil = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    await call(boss, "from another site", evil);
    // What Next itself takes for a request of no browser.
    const refused = await call(boss, "from another site", { origin: null, "sec-fetch-site": "cross-site" });
    expect(refused.status).toBe(403);
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
  const linked = await boss.get("/cookie", { rsc: "1" });
  expectRenewed(linked);
  expect(linked.text).toContain("known as");
  await expired();
  const form = actionIn(page.text);
  const acted = await boss.send("POST", "/cookie", { body: form.body(""), headers: form.headers });
  expectRenewed(acted);
  expect(acted.headers.getSetCookie().join()).toMatch(/\bown=1/);
  expect(acted.text, "what is shown after the action knows it too").toContain("known as");
});

/* ------------------------------------------------------------------- what is delivered -- */

test("nothing of the server is delivered to browsers", () => {
  const markers = [
    "node:",
    "latchkey.error.1",
    "lkr_",
    "argon2",
    "libsql",
    "better-sqlite",
    "kysely",
    "first look",
  ];
  const there = onServer();
  const delivered = inBrowser();
  for (const marker of markers.filter((one) => one !== "better-sqlite"))
    expect(there, marker).toContain(marker);
  for (const marker of markers) expect(delivered, marker).not.toContain(marker);
});
