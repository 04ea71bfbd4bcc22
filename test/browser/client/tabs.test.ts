import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "../chromium.ts";
import { makeSite, password, shownAt, shows } from "./site.ts";

/** How long the network is cut: milliseconds. */
const outage = process.env.LATCHKEY_FULL === "1" ? 60_000 : 10_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

/** Ten requests at once; their statuses. */
function askTen(tab: Page): Promise<number[]> {
  return tab.evaluate(async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => window.client.fetch("/api/me")));
    return answers.map(({ status }) => status);
  });
}

test("five tabs whose access token has just expired, ten requests each: one rotation, fifty successes", async () => {
  const site = await makeSite(browser);
  const { tabs, seen, rotations, complaints } = await site.arrive(5);
  const before = await rotations();
  site.pass(16 * 60);
  const statuses = (await Promise.all(tabs.map(askTen))).flat();
  expect(statuses).toEqual(Array(50).fill(200));
  expect((await rotations()) - before).toBe(1);
  expect(await seen()).toEqual(["authenticated"]);
  expect(complaints).toEqual([]);
});

test("hour after hour: each tab stays signed in", async () => {
  const site = await makeSite(browser);
  const { tabs, seen, rotations } = await site.arrive(5);
  for (let turn = 1; turn <= 5; turn++) {
    site.pass(3600);
    expect((await Promise.all(tabs.map(askTen))).flat()).toEqual(Array(50).fill(200));
    expect(await rotations()).toBe(turn);
  }
  expect(await seen()).toEqual(["authenticated"]);
});

test("a ban is shown by every tab within a second, without a reload", async () => {
  const site = await makeSite(browser);
  const { tabs, userId } = await site.arrive(5);
  await streaming(site);
  const started = Date.now();
  await site.auth.api.banUser({ userId });
  const after = (await shownAt(tabs, "out")) - started;
  process.stdout.write(`a ban was shown by five tabs after ${after} ms\n`);
  expect(after).toBeLessThan(1000);
});

test("a new role is shown by every tab within a second, and so is its end", async () => {
  const site = await makeSite(browser);
  const { tabs, userId, seen } = await site.arrive(5);
  await streaming(site);
  for (const [roles, element] of [
    [["editor"], "writer"],
    [[], "reader"],
  ] as const) {
    const started = Date.now();
    await site.auth.api.setRole({ userId, roles });
    const after = (await shownAt(tabs, element)) - started;
    process.stdout.write(`a role was shown by five tabs after ${after} ms\n`);
    expect(after).toBeLessThan(1000);
  }
  expect(await seen()).toEqual(["authenticated"]);
});

test("of five tabs one listens; when it is closed another does", async () => {
  const site = await makeSite(browser);
  const { tabs, userId } = await site.arrive(5);
  await streaming(site);
  const open = () =>
    site.proxy.passed.filter((one) => one.path === "/api/auth/events" && one.status === 200 && !one.over);
  // One that was begun before the session was known may still be on its way out.
  await expect.poll(() => open().length, { timeout: 5000 }).toBe(1);
  await pause(1000);
  const [first, ...others] = open();
  expect(others).toEqual([]);
  let left = [...tabs];
  while (first?.over === false && left.length > 1) {
    await left[0]?.close();
    left = left.slice(1);
    await pause(500);
  }
  await expect.poll(() => open().length, { timeout: 5000 }).toBe(1);
  expect(open()[0]).not.toBe(first);
  await site.auth.api.banUser({ userId });
  await Promise.all(left.map((tab) => shows(tab, "signed-out")));
});

test("signing out in one tab, and in again, shows in all", async () => {
  const site = await makeSite(browser);
  const { context, tabs, seen } = await site.arrive(3);
  const [first] = tabs as [Page];
  expect(await first.evaluate(() => window.client.signOut())).toEqual({ ok: true });
  await Promise.all(tabs.map((tab) => shows(tab, "signed-out")));
  await context.setOffline(true);
  await pause(500);
  await context.setOffline(false);
  await pause(500);
  expect(await seen()).toEqual(["authenticated", "signed-out"]);
  const input = { email: "later@example.com", password };
  await first.evaluate((given) => window.client.signUp.email(given), input);
  await Promise.all(tabs.map((tab) => shows(tab, "authenticated")));
  expect(await tabs[2]?.locator("#user").textContent()).toBe("later@example.com");
});

test("a request that another tab's new password overtakes is sent again", async () => {
  const site = await makeSite(browser);
  const { tabs, seen } = await site.arrive(2);
  const [first, second] = tabs as [Page, Page];
  site.proxy.befall(({ path }) => (path === "/api/me" ? { delay: 1500 } : undefined));
  const asking = second.evaluate(async () => (await window.client.fetch("/api/me")).status);
  await expect.poll(() => site.proxy.passed.some(({ path }) => path === "/api/me")).toBe(true);
  const input = { currentPassword: password, newPassword: `${password} and more` };
  expect(await first.evaluate((given) => window.client.changePassword(given), input)).toMatchObject({
    ok: true,
  });
  expect(await asking).toBe(200);
  await pause(1500);
  expect(await seen()).toEqual(["authenticated"]);
});

test(`the network is gone for ${outage / 1000} s: offline, with who was known, then back`, {
  timeout: outage + 60_000,
}, async () => {
  const site = await makeSite(browser);
  const { context, tabs, seen } = await site.arrive(2);
  await context.setOffline(true);
  await Promise.all(tabs.map((tab) => shows(tab, "offline")));
  site.pass(outage / 1000 + 16 * 60);
  await pause(outage);
  expect(await tabs[0]?.locator("#user").textContent()).toMatch(/@example\.com$/);
  expect(await tabs[0]?.locator("#in").count()).toBe(1);
  await context.setOffline(false);
  await Promise.all(tabs.map((tab) => shows(tab, "authenticated")));
  expect((await Promise.all(tabs.map(askTen))).flat()).toEqual(Array(20).fill(200));
  expect(await seen()).toEqual(["authenticated", "offline"]);
});

test("the server is gone, and the browser does not know: offline, then back by itself", async () => {
  const site = await makeSite(browser);
  const { tabs, seen } = await site.arrive(2);
  await streaming(site);
  site.proxy.open(false);
  await Promise.all(tabs.map((tab) => shows(tab, "offline")));
  await pause(3000);
  site.proxy.open(true);
  await Promise.all(tabs.map((tab) => shows(tab, "authenticated", 40_000)));
  expect(await seen()).toEqual(["authenticated", "offline"]);
});

test("an answer lost, and the page loaded again long after: still signed in", async () => {
  const site = await makeSite(browser);
  const { tabs, seen, rotations } = await site.arrive(1, "?unknown");
  const [tab] = tabs as [Page];
  const before = await rotations();
  site.pass(16 * 60);
  site.proxy.befall(({ path }) => (path.endsWith("/refresh") ? { loseAnswer: true } : undefined));
  await tab.evaluate(() => window.client.fetch("/api/me").catch(() => "lost"));
  expect(await rotations()).toBe(before);
  await tab.goto("about:blank");
  await pause(300);
  site.pass(5 * 60);
  site.proxy.befall(() => undefined);
  await tab.goto(`${site.proxy.url}/?unknown`);
  await shows(tab, "authenticated");
  expect(await rotations()).toBe(before + 1);
  expect(await seen()).toEqual(["loading", "authenticated"]);
});

test("what the server drew is what is seen until something changes, and React does not complain", async () => {
  const site = await makeSite(browser);
  const { tabs, seen, complaints } = await site.arrive(1);
  const [tab] = tabs as [Page];
  for (const _ of [1, 2, 3]) {
    await tab.reload();
    await tab.waitForFunction(() => window.client?.getSnapshot().status === "authenticated");
    expect(await seen()).toEqual(["authenticated"]);
  }
  await tab.evaluate(() => window.client.signOut());
  await tab.reload();
  await tab.waitForFunction(() => window.client?.getSnapshot().status === "signed-out");
  expect(await seen()).toEqual(["signed-out"]);
  expect(complaints).toEqual([]);
});

test("tokens in localStorage: five tabs, one rotation; signing out in one empties all", async () => {
  const site = await makeSite(browser);
  const { tabs, seen } = await site.arrive(5, "?bearer");
  site.pass(16 * 60);
  expect((await Promise.all(tabs.map(askTen))).flat()).toEqual(Array(50).fill(200));
  const stored = await tabs[1]?.evaluate(() => localStorage.getItem("latchkey-mobile") ?? "{}");
  expect(JSON.parse(stored ?? "").refreshToken.split(".")[1]).toBe("1");
  await tabs[0]?.evaluate(() => window.client.signOut());
  await Promise.all(tabs.map((tab) => shows(tab, "signed-out")));
  expect(await tabs[1]?.evaluate(() => localStorage.getItem("latchkey-mobile"))).toBeNull();
  expect(await seen()).toEqual(["loading", "authenticated", "signed-out"]);
});

test("a browser that believes to be offline, and is not, does not believe it for long", async () => {
  const site = await makeSite(browser);
  const { tabs, seen } = await site.arrive(1);
  const [tab] = tabs as [Page];
  await tab.evaluate(() => void window.dispatchEvent(new Event("offline")));
  await shows(tab, "authenticated", 5000);
  await expect.poll(seen).toEqual(["authenticated", "offline"]);
});

test("what a server draws anew, after a form that has signed in, is seen without a reload", async () => {
  const site = await makeSite(browser);
  const { tabs } = await site.arrive(1);
  const [tab] = tabs as [Page];
  await tab.evaluate(() => window.client.signOut());
  await shows(tab, "signed-out");
  // As a server action does it: nothing of it passes the client.
  await tab.evaluate(
    async (body) => {
      const headers = { "content-type": "application/json" };
      await fetch("/api/auth/sign-up/email", { method: "POST", headers, body });
      const initial = await (await fetch("/api/auth/get-session")).json();
      window.draw(initial);
    },
    JSON.stringify({ email: "drawn@example.com", password }),
  );
  await shows(tab, "authenticated", 5000);
  expect(await tab.locator("#user").textContent()).toBe("drawn@example.com");
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until somebody listens. */
async function streaming({ proxy }: Awaited<ReturnType<typeof makeSite>>): Promise<void> {
  const isOpen = (): boolean =>
    proxy.passed.some(({ path, status }) => path === "/api/auth/events" && status === 200);
  await expect.poll(isOpen, { timeout: 10_000 }).toBe(true);
}
