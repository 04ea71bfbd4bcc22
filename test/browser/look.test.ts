import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { takePicture } from "./chromium.ts";
import { useSite } from "./site.ts";

const email = "ada@example.org";
const password = "correct horse staple";

const site = useSite("--demo");

/** The pages, and how to get there. Those behind a sign-in come with the cookies of one. */
const pages: { readonly [name: string]: { signedIn?: boolean; open: (page: Page) => Promise<unknown> } } = {
  demo: { open: (page) => page.goto("/") },
  "sign-in": { open: (page) => page.goto("/sign-in") },
  "sign-in-wrong": { open: failToSignIn },
  "sign-up": { open: (page) => page.goto("/sign-up") },
  "sign-up-wrong": { open: failToSignUp },
  account: { signedIn: true, open: (page) => page.goto("/account?done=name") },
  "account-wrong": { signedIn: true, open: failToDelete },
  setup: { open: (page) => page.goto(setupLink()) },
  "setup-closed": { open: (page) => page.goto("/setup?token=used") },
  "not-found": { open: (page) => page.goto("/nowhere") },
};

const looks: { readonly [name: string]: BrowserContextOptions } = {
  light: { colorScheme: "light", viewport: { width: 1100, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1100, height: 800 } },
  mobile: { colorScheme: "light", viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 },
};

let cookies: Awaited<ReturnType<typeof signUp>>;

beforeAll(async () => {
  cookies = await signUp();
});

for (const [look, options] of Object.entries(looks)) {
  test(`${look}: no page breaks a rule of accessibility or scrolls sideways`, async () => {
    const { browser, server } = site();
    // axe is a script and needs to get past the policy that keeps scripts off these pages.
    const context = await browser.newContext({ ...options, baseURL: server.url, bypassCSP: true });
    const page = await context.newPage();
    const faults: string[] = [];
    for (const [name, { signedIn, open }] of Object.entries(pages)) {
      await (signedIn ? context.addCookies(cookies) : context.clearCookies());
      await open(page);
      await takePicture(page, `${name}-${look}`);
      faults.push(...(await findFaults(page)).map((fault) => `${name}: ${fault}`));
    }
    await context.close();
    expect(faults).toEqual([]);
  });
}

test("the keyboard alone signs in, and shows where it is", async () => {
  const { browser, server } = site();
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: server.url });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Latchkey");
  await page.keyboard.press("Tab");
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await takePicture(page, "keyboard-light");
  expect(
    await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineWidth),
  ).toBe("3px");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  expect(await page.getByLabel("Keep me signed in").isChecked()).toBe(false);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account");
  await context.close();
});

/** What axe finds, and whether the page is wider than the screen. */
async function findFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run({ resultTypes: ['violations'] })");
  const { content, screen } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  const tooWide = content > screen ? [`${content} px wide on a screen of ${screen} px`] : [];
  const broken = violations.map(({ id, nodes }) => {
    return `${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`;
  });
  return [...broken, ...tooWide];
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
}

function setupLink(): string {
  return /http:\S+\/setup\?token=\S+/.exec(site().server.stdout())?.[0] ?? "no link";
}

/** Makes the account, and a second device in its list. */
async function signUp() {
  const { browser, server } = site();
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("**/account");
  await context.request.post("/api/auth/sign-in/email", {
    data: { email, password, client: "mobile" },
    headers: { cookie: "" },
  });
  return context.cookies();
}

async function failToSignIn(page: Page): Promise<void> {
  await page.goto("/sign-in?next=/account");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("not my password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
}

async function failToSignUp(page: Page): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("password1234");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").waitFor();
}

async function failToDelete(page: Page): Promise<void> {
  await page.goto("/account");
  await page.getByText("Delete this account").click();
  await page.getByLabel("Your password").fill("not my password");
  await page.getByRole("button", { name: "Delete my account" }).click();
  await page.getByRole("alert").waitFor();
}
