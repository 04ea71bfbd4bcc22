import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { run, startServer, temporaryFolder } from "./run-server.ts";
import { Visitor } from "./visitor.ts";

const password = "correct horse staple";
const secret = { LATCHKEY_SECRET: "a secret for tests that is longer than it must be" };

let postgres: PostgresServer;
let url: string;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres({ hba: ["host all guarded 127.0.0.1/32 scram-sha-256"] });
  await postgres.sql("create role guarded login password 'right'");
});
afterAll(() => postgres.remove());
beforeEach(async () => {
  const database = `d${databases++}`;
  await postgres.sql(`create database ${database}`);
  url = postgres.url({ database });
});

test("a session survives a restart, and a second process sees and ends it", async () => {
  const first = await startServer(["--db", url], secret);
  const { port } = new URL(first.url);
  const ada = new Visitor(first.url);
  await ada.post("/sign-up", { email: "ada@example.org", password });
  expect(await first.stop()).toBe(0);
  await startServer(["--port", port], { ...secret, LATCHKEY_DB: url });
  expect((await ada.get("/account")).status).toBe(200);
  const second = await startServer(["--db", url], secret);
  const cookie = { cookie: ada.cookie };
  expect((await new Visitor(second.url).get("/account", cookie)).status).toBe(200);
  await new Visitor(second.url).post("/sign-out", {}, cookie);
  expect((await ada.get("/account")).headers.get("location")).toBe("/sign-in?next=/account");
});

test("an outage is a 503 at once, and mends without a restart", async () => {
  const server = await startServer(["--db", url], secret);
  const ada = new Visitor(server.url);
  await ada.post("/sign-up", { email: "ada@example.org", password });
  await postgres.kill();
  const asked = performance.now();
  expect((await ada.get("/account")).status).toBe(503);
  expect(performance.now() - asked).toBeLessThan(1000);
  await postgres.start();
  await expect.poll(async () => (await ada.get("/account")).status, { timeout: 10_000 }).toBe(200);
  expect(server.stderr()).toMatch(/the database 127\.0\.0\.1:\d+\/d\d+ cannot answer/);
  expect(server.stderr()).toMatch(/answers again/);
});

test.each<[string, Parameters<PostgresServer["url"]>[0], RegExp]>([
  ["a server that does not run", { port: 1 }, /ECONNREFUSED.*is the server running/],
  ["a wrong password", { user: "guarded", password: "wr0ng" }, /the password was refused/],
  ["no such database", { database: "nowhere" }, /no such database: make it with createdb/],
  ["missing privileges", { user: "guarded", password: "right" }, /permission denied.*privileges/],
])("%s is named, with exit code 1, no stack and no password", async (_, wanted, words) => {
  const database = new URL(url).pathname.slice(1);
  const db = postgres.url({ database, ...wanted });
  const server = run(["serve", "--port", "0", "--db", db], secret, temporaryFolder());
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/^latchkey: Cannot open the database: .*\n$/);
  expect(server.stderr()).toMatch(words);
  expect(server.stderr()).not.toContain("wr0ng");
});

test("a secret must be given, with exit code 2", async () => {
  const server = run(["serve", "--port", "0", "--db", url], {}, temporaryFolder());
  expect(await server.ended).toBe(2);
  expect(server.stderr()).toMatch(
    /^latchkey: LATCHKEY_SECRET is missing: .*Postgres.*openssl rand -base64 32.*\n$/,
  );
});
