import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { end, run, startServer, temporaryFolder } from "./run-server.ts";
import { Visitor } from "./visitor.ts";

/** The library's own driver, found where the library finds it. */
const Database: new (path: string) => { exec(sql: string): void; close(): void } = createRequire(
  new URL("../../../packages/latchkey/package.json", import.meta.url),
)("libsql");

const password = "correct horse staple";

test("prints the address alone on a line and answers there", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  expect(server.stdout().split("\n")[0]).toMatch(/^Latchkey listening on http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${server.url}/api/auth/ok`)).status).toBe(200);
});

test("writes an IPv6 address in brackets", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db"), "--host", "::1"]);
  expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(`${server.url}/sign-in`)).status).toBe(200);
});

test("says which address pages name when it listens on all", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db"), "--host", "0.0.0.0"]);
  const port = new URL(server.url).port;
  await expect.poll(server.stdout).toContain(`Pages and tokens name http://127.0.0.1:${port}`);
});

test("helps with examples and the environment, and knows its version", async () => {
  const help = run(["serve", "--help"]);
  expect(await help.ended).toBe(0);
  for (const word of [
    "--port",
    "--db",
    "--demo",
    "--config",
    "Examples:",
    "LATCHKEY_SECRET",
    "LATCHKEY_BASE_URL",
  ]) {
    expect(help.stdout()).toContain(word);
  }
  const version = run(["--version"]);
  expect(await version.ended).toBe(0);
  expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("makes the folders of its database", async () => {
  const db = join(temporaryFolder(), "deep", "down", "a.db");
  await startServer(["--db", db]);
  expect(statSync(db).size).toBeGreaterThan(0);
});

test("keeps nothing with :memory:", async () => {
  const folder = temporaryFolder();
  const server = run(["serve", "--port", "0", "--db", ":memory:"], {}, folder);
  await expect.poll(server.stdout, { timeout: 10_000 }).toContain("listening");
  await end(server);
  expect(() => statSync(join(folder, ":memory:"))).toThrow();
});

test("a session survives a restart", async () => {
  const db = join(temporaryFolder(), "a.db");
  const first = await startServer(["--db", db]);
  const port = new URL(first.url).port;
  const ada = new Visitor(first.url);
  await ada.post("/sign-up", { email: "ada@example.org", password });
  expect((await ada.get("/account")).status).toBe(200);
  expect(await first.stop()).toBe(0);
  await startServer(["--db", db, "--port", port]);
  expect((await ada.get("/account")).status).toBe(200);
});

test("a second process on the same file sees and ends the sessions of the first", async () => {
  const db = join(temporaryFolder(), "a.db");
  const [one, other] = await Promise.all([startServer(["--db", db]), startServer(["--db", db])]);
  const here = new Visitor(one.url);
  await here.post("/sign-up", { email: "ada@example.org", password });
  const cookie = { cookie: here.cookie };
  expect((await new Visitor(other.url).get("/account", cookie)).status).toBe(200);
  await new Visitor(other.url).post("/sign-out", {}, cookie);
  expect((await here.get("/account")).headers.get("location")).toBe("/sign-in?next=/account");
});

test("a busy port is named, with exit code 1, and the database is not touched", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  const port = new URL(server.url).port;
  const db = join(temporaryFolder(), "other", "b.db");
  const second = run(["serve", "--port", port, "--db", db]);
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toBe(
    `latchkey: Port ${port} on 127.0.0.1 is in use: stop what uses it, or choose another with --port (0 takes any free one).\n`,
  );
  expect(() => statSync(db)).toThrow();
});

test("a folder that cannot be written is named, with exit code 1", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const server = run(["serve", "--port", "0", "--db", join(file, "a.db")]);
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/^latchkey: The folder .*file cannot be written \(E[A-Z]+\): .*--db\.\n$/);
});

test("a file that is no database is named, with exit code 1 and no stack", async () => {
  const db = join(temporaryFolder(), "a.db");
  writeFileSync(db, "this is a letter to my aunt, and long enough to be looked at\n".repeat(50));
  const server = run(["serve", "--port", "0", "--db", db]);
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/^latchkey: .*a\.db.*\n$/);
  expect(readFileSync(db, "utf8")).toContain("my aunt");
});

test("a database of a newer release is left alone, with exit code 1", async () => {
  const db = join(temporaryFolder(), "a.db");
  await (await startServer(["--db", db])).stop();
  const database = new Database(db);
  database.exec("insert into latchkey_schema (version) values (999)");
  database.close();
  const server = run(["serve", "--port", "0", "--db", db]);
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/^latchkey: Cannot open the database: .*version 999.*newer release.*\n$/);
});
