import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Program, startProgram } from "../../support/servers/program.ts";
import { Visitor as Navigator } from "../adapters/visitor.ts";
import { Visitor } from "../server/visitor.ts";

const admin = { email: "root@example.com", password: "the password of whoever is in charge" };
const password = "correct horse battery staple";
const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
let program: Program;

beforeAll(async () => {
  program = await startProgram("examples/express/server.js", {
    PORT: "0",
    DATABASE: join(folder, "app.db"),
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
  });
});

afterAll(async () => {
  await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

const textOf = async (response: Promise<Response>): Promise<string> => (await response).text();

test("sign up, be greeted once, sign out, and come back to where one wanted to go", async () => {
  const visitor = new Visitor(program.url);
  const email = "ada@example.com";
  const up = await visitor.post("/sign-up", { email, password, name: "<b>Ada</b>" });
  expect([up.status, up.headers.get("location")]).toEqual([303, "/account"]);
  expect(up.headers.get("cache-control")).toBe("no-store");
  const greeted = await textOf(visitor.get("/account"));
  expect(greeted).toContain("Welcome, &lt;b&gt;Ada&lt;/b&gt;.");
  expect(greeted).not.toContain("<b>");
  expect(await textOf(visitor.get("/account")), "said once").not.toContain("Welcome");

  const out = await visitor.post("/sign-out", {});
  expect([out.status, out.headers.get("location")]).toEqual([303, "/sign-in"]);
  expect(visitor.cookie).not.toContain("latchkey-web");

  const stranger = new Navigator(program.url, "web", "cookie");
  const sent = await stranger.get("/account?tab=2", { "sec-fetch-mode": "navigate" });
  expect(sent.status).toBe(303);
  const signIn = sent.headers.get("location") ?? "";
  expect(signIn).toBe("/sign-in?next=%2Faccount%3Ftab%3D2");
  expect(await textOf(visitor.get(signIn))).toContain('value="/account?tab=2"');

  const wrong = await visitor.post("/sign-in", { email, password: "wrong", next: "/account?tab=2" });
  expect(wrong.status).toBe(401);
  expect(await wrong.text()).toContain('<p role="alert">');
  const back = await visitor.post("/sign-in", { email, password, next: "/account?tab=2" });
  expect([back.status, back.headers.get("location")]).toEqual([303, "/account?tab=2"]);
});

test("leads nowhere else, whatever next says", async () => {
  const visitor = new Visitor(program.url);
  for (const next of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/%2f/evil.example",
    "evil",
  ]) {
    expect(await textOf(visitor.get(`/sign-in?next=${encodeURIComponent(next)}`))).toContain(
      'value="/account"',
    );
    const signedIn = await visitor.post("/sign-in", { ...admin, next });
    expect([signedIn.status, signedIn.headers.get("location")]).toEqual([303, "/account"]);
  }
});

test("another site's form does nothing, whoever is signed in", async () => {
  const visitor = new Visitor(program.url);
  const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const signIn = await visitor.post("/sign-in", admin, foreign);
  expect([signIn.status, visitor.cookie]).toEqual([403, ""]);
  expect((await visitor.post("/sign-up", { email: "eve@example.com", password }, foreign)).status).toBe(403);
  await visitor.post("/sign-in", admin);
  expect((await visitor.post("/notes", { text: "not mine" }, foreign)).status).toBe(403);
  expect((await visitor.post("/sign-out", {}, foreign)).status).toBe(403);
  const page = await textOf(visitor.get("/account"));
  expect(page).toContain("You are ");
  expect(page).not.toContain("not mine");
});

test("what people write is shown as they wrote it, and to HTMX in part", async () => {
  const visitor = new Visitor(program.url);
  await visitor.post("/sign-in", admin);
  const written = await visitor.post("/notes", { text: `<img src=x onerror="alert('1')">` });
  expect([written.status, written.headers.get("location")]).toEqual([303, "/account"]);
  const page = await textOf(visitor.get("/account"));
  expect(page).toContain("Your note is kept.");
  expect(page).toContain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;");
  const part = await textOf(visitor.post("/notes", { text: "second" }, { "hx-request": "true" }));
  expect(part).toMatch(/^<ul id="notes">.*<li>second<\/li><\/ul>$/s);
});
