import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, startServer, temporaryFolder } from "./run-server.ts";

test("the first start makes a secret that only its owner can read, says so, and the next one uses it", async () => {
  const db = join(temporaryFolder(), "a.db");
  const first = await startServer(["--db", db]);
  await expect.poll(first.stdout).toContain(`Made a secret and keep it in ${db}.secret`);
  expect(statSync(`${db}.secret`).mode & 0o777).toBe(0o600);
  const made = readFileSync(`${db}.secret`, "utf8");
  expect(made.trim()).toMatch(/^[\w-]{43}$/);
  expect(first.stdout() + first.stderr()).not.toContain(made.trim());
  await first.stop();
  const second = await startServer(["--db", db]);
  expect(second.stdout()).not.toContain("secret");
  expect(readFileSync(`${db}.secret`, "utf8")).toBe(made);
});

test("a secret in the environment leaves no file", async () => {
  const db = join(temporaryFolder(), "a.db");
  const production = { NODE_ENV: "production", LATCHKEY_BASE_URL: "https://auth.example" };
  await startServer(["--db", db], { LATCHKEY_SECRET: "x".repeat(32), ...production });
  expect(() => statSync(`${db}.secret`)).toThrow();
});

test("production without the address people use does not start: cookies would go in clear", async () => {
  const db = join(temporaryFolder(), "a.db");
  const server = run(["serve", "--port", "0", "--db", db], {
    NODE_ENV: "production",
    LATCHKEY_SECRET: "x".repeat(32),
  });
  expect(await server.ended).toBe(2);
  expect(server.stderr()).toContain("LATCHKEY_BASE_URL: missing");
  expect(() => statSync(db)).toThrow();
});

test("first starts at the same time agree on one secret", async () => {
  const db = join(temporaryFolder(), "a.db");
  const servers = await Promise.all([1, 2, 3].map(() => startServer(["--db", db])));
  const notes = servers.filter((server) => server.stdout().includes("Made a secret"));
  expect(notes).toHaveLength(1);
});

test("an empty secret file stops the start and says what to do", async () => {
  const db = join(temporaryFolder(), "a.db");
  writeFileSync(`${db}.secret`, "");
  const server = run(["serve", "--port", "0", "--db", db]);
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/^latchkey: .*a\.db\.secret holds no secret: .*\n$/);
});

test("another secret than the database was sealed with stops the start without a stack", async () => {
  const db = join(temporaryFolder(), "a.db");
  const first = await startServer(["--db", db], { LATCHKEY_SECRET: "a".repeat(32) });
  await first.stop();
  const second = run(["serve", "--port", "0", "--db", db], { LATCHKEY_SECRET: "b".repeat(32) });
  expect(await second.ended).not.toBe(0);
  expect(second.stderr()).toMatch(/^latchkey: .*\n$/);
  expect(second.stderr()).not.toContain("b".repeat(32));
});
