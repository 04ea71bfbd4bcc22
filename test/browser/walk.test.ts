import type { Browser, Page } from "playwright-core";
import { expect, test } from "vitest";
import { watchPolicy } from "./chromium.ts";
import { useSite } from "./site.ts";

const email = "ada@example.org";
const password = "correct horse staple";
const newPassword = "another horse staple";

const site = useSite();

/** A browser profile of its own, without JavaScript: forms must do. */
async function openDevice(browser: Browser, url: string, userAgent: string) {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: url, userAgent });
  const page = await context.newPage();
  return { page, complaints: watchPolicy(page) };
}

async function signIn(page: Page, secret: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

test("a person goes all the way without JavaScript, on two devices", async () => {
  const { browser, server } = site();
  const { page, complaints } = await openDevice(browser, server.url, firefox);
  const other = await openDevice(browser, server.url, iphone);
  const phone = other.page;

  await page.goto("/");
  await expect.poll(() => page.url()).toBe(`${server.url}/sign-in?next=/account`);
  await page.getByRole("link", { name: "Create one" }).click();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  expect(page.url()).toBe(`${server.url}/account`);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Ada Lovelace");

  await phone.goto("/account");
  await signIn(phone, password);
  expect(phone.url()).toBe(`${server.url}/account`);

  await page.reload();
  const devices = page.locator(".devices > li");
  expect(await devices.count()).toBe(2);
  expect(await devices.first().textContent()).toMatch(/Firefox on Linux\s+This device/);
  expect(await devices.last().textContent()).toMatch(/Safari on i/);
  await devices.last().getByRole("button", { name: "Sign out" }).click();
  expect(await page.getByRole("status").textContent()).toContain("That device is signed out.");
  expect(await devices.count()).toBe(1);

  await phone.reload();
  expect(phone.url()).toBe(`${server.url}/sign-in?next=/account`);

  await page.getByLabel("Current password").fill(password);
  await page.getByLabel("New password").fill(newPassword);
  await page.getByRole("button", { name: "Change password" }).click();
  expect(await page.getByRole("status").textContent()).toContain("Your password is changed.");

  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
  expect(await page.getByRole("status").textContent()).toContain("You are signed out on this device.");
  await page.goBack();
  await page.reload();
  expect(page.url()).toContain("/sign-in");

  await signIn(page, password);
  expect(await page.getByRole("alert").textContent()).toContain(
    "The e-mail address or the password is wrong",
  );
  expect(await page.getByLabel("E-mail address").inputValue()).toBe(email);
  expect(await page.getByLabel("Password").inputValue()).toBe("");
  await page.getByLabel("Password").fill(newPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  expect(page.url()).toBe(`${server.url}/account`);

  await page.getByText("Delete this account").click();
  await page.getByLabel("Your password").fill(newPassword);
  await page.getByRole("button", { name: "Delete my account" }).click();
  expect(await page.getByRole("status").textContent()).toContain("Your account is deleted");
  expect([...complaints, ...other.complaints]).toEqual([]);
});

test("the first administrator is made by the link, in the browser", async () => {
  const { browser, server } = site();
  const { page, complaints } = await openDevice(browser, server.url, firefox);
  const link = /http:\S+\/setup\?token=\S+/.exec(server.stdout())?.[0] ?? "";
  await page.goto(link);
  await page.getByLabel("E-mail address").fill("boss@example.org");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  expect(await page.locator(".profile").textContent()).toMatch(/Roles\s*admin/);
  await page.goto(link);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("This link does not work");
  expect(complaints).toEqual([]);
});
