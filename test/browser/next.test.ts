import { type Browser, type BrowserContext, request as http, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { beside, type NextSite, openNextSite } from "../integration/adapters/next-site.ts";
import { buildSite } from "../support/servers/next-site.ts";
import { launch } from "./chromium.ts";

const email = "ada@example.org";
const password = "correct horse staple";
const accessExpiresIn = 5;

vi.setConfig({ testTimeout: 120_000 });

let site: NextSite;
let browser: Browser;

beforeAll(async () => {
  buildSite();
  site = await openNextSite("example", { ACCESS_EXPIRES_IN: String(accessExpiresIn) }, (auth) =>
    auth.api.createUser({ email, password, roles: ["editor"] }),
  );
  browser = await launch();
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function open(javaScriptEnabled: boolean): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: site.url, javaScriptEnabled });
  return { context, page: await context.newPage() };
}

async function signIn(page: Page): Promise<void> {
  await page.goto("/account?tab=1");
  await page.waitForURL("**/sign-in?next=*");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/account?tab=1");
}

const heading = (page: Page): Promise<string | null> => page.getByRole("heading", { level: 1 }).textContent();
const untilExpired = (): Promise<unknown> =>
  new Promise((done) => setTimeout(done, accessExpiresIn * 1000 + 500));
const credentialOf = async (context: BrowserContext): Promise<string> =>
  (await context.cookies()).find(({ name }) => name === "latchkey-web")?.value ?? "none";

test.each([true, false])(
  "signed in by the form, renewed unseen, banned (JavaScript: %s)",
  async (withScript) => {
    const { context, page } = await open(withScript);
    await signIn(page);
    expect(await heading(page)).toBe(email);
    await page.reload();
    expect(await heading(page)).toBe(email);

    const before = await credentialOf(context);
    await untilExpired();
    await page.reload();
    expect(new URL(page.url()).pathname).toBe("/account");
    expect(await heading(page)).toBe(email);
    expect(await credentialOf(context)).not.toBe(before);

    // A form that was filled in for too long is not lost.
    await page.getByLabel("Note").fill(`kept with script ${withScript}`);
    await untilExpired();
    await page.getByRole("button", { name: "Write" }).click();
    await page.getByText(`kept with script ${withScript}`).waitFor();

    await untilExpired();
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByText("This page is for everybody").waitFor();
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("heading", { name: email }).waitFor();

    const user = (await (await context.request.get("/me")).json()) as { user: { id: string } };
    await beside(site.database, (auth) => auth.api.banUser({ userId: user.user.id, reason: "a test" }));
    await expect
      .poll(async () => {
        await page.reload();
        return new URL(page.url()).pathname;
      })
      .toBe("/sign-in");
    await beside(site.database, (auth) => auth.api.unbanUser({ userId: user.user.id }));
    await context.close();
  },
);

test("a wrong password is said, and signing out is for good", async () => {
  const { context, page } = await open(true);
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("not my password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect.poll(() => page.locator("p[role=alert]").textContent()).toContain("password is wrong");
  await signIn(page);
  expect((await page.goto("/admin"))?.status()).toBe(403);
  expect(await heading(page)).toBe("Not allowed");
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("This page is for everybody").waitFor();
  await page.goto("/account");
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  const thief = await http.newContext({ baseURL: site.url, extraHTTPHeaders: { cookie } });
  expect((await thief.get("/me")).status()).toBe(401);
  await thief.dispose();
  await context.close();
});
