import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "./run-server.ts";
import { postJson, Visitor } from "./visitor.ts";

const password = "correct horse staple";
const link = /http:\/\/\S+\/setup\?token=([\w-]{43})$/m;

test("the environment names the first administrator; a second start with it changes nothing", async () => {
  const db = join(temporaryFolder(), "a.db");
  const env = { LATCHKEY_ADMIN_EMAIL: "boss@example.org", LATCHKEY_ADMIN_PASSWORD: password };
  const first = await startServer(["--db", db], env);
  await expect.poll(first.stdout).toContain("Made the first administrator: boss@example.org");
  expect(first.stdout()).not.toContain("/setup");
  await first.stop();
  const again = { ...env, LATCHKEY_ADMIN_PASSWORD: "another horse staple" };
  const second = await startServer(["--db", db], again);
  const boss = new Visitor(second.url);
  expect((await boss.post("/sign-in", { email: "boss@example.org", password })).status).toBe(303);
  expect(await (await boss.get("/account")).text()).toContain("<dd>admin</dd>");
  expect(second.stdout()).not.toContain("Made the first");
});

test("without one the start prints a link that makes one, once", async () => {
  const db = join(temporaryFolder(), "a.db");
  const server = await startServer(["--db", db]);
  await expect.poll(server.stdout).toMatch(link);
  const token = link.exec(server.stdout())?.[1] ?? "";
  const boss = new Visitor(server.url);
  expect((await boss.get("/setup?token=wrong")).status).toBe(403);
  expect((await boss.get(`/setup?token=${token}`)).status).toBe(200);
  const weak = await boss.post("/setup", { token, email: "boss@example.org", password: "short" });
  expect(weak.status).toBe(422);
  const made = await boss.post("/setup", { token, email: "boss@example.org", password });
  expect(made.headers.get("location")).toBe("/account");
  expect(await (await boss.get("/account")).text()).toContain("<dd>admin</dd>");
  expect((await boss.get(`/setup?token=${token}`)).status).toBe(403);
  const second = await boss.post("/setup", { token, email: "other@example.org", password });
  expect(second.status).toBe(403);
  await server.stop();
  expect((await startServer(["--db", db])).stdout()).not.toContain("/setup");
});

test("a used link stays dead when the administrator it made is gone", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  await expect.poll(server.stdout).toMatch(link);
  const token = link.exec(server.stdout())?.[1] ?? "";
  const boss = new Visitor(server.url);
  await boss.post("/setup", { token, email: "boss@example.org", password });
  // Somebody must stay in charge.
  expect((await boss.post("/account", { action: "delete", password })).status).toBe(409);
  const heir = { email: "heir@example.org", password, roles: ["admin"] };
  const headers = { cookie: boss.cookie, origin: server.url };
  expect((await postJson(`${server.url}/api/auth/admin/create-user`, heir, headers)).status).toBe(201);
  expect((await boss.post("/account", { action: "delete", password })).status).toBe(303);
  expect((await boss.get(`/setup?token=${token}`)).status).toBe(403);
});

test("of several people with the link at the same time one becomes administrator", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  await expect.poll(server.stdout).toMatch(link);
  const token = link.exec(server.stdout())?.[1] ?? "";
  const answers = await Promise.all(
    ["a", "b", "c"].map((name) =>
      new Visitor(server.url).post("/setup", { token, email: `${name}@example.org`, password }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403]);
});

test("the link dies when an administrator was made elsewhere", async () => {
  const db = join(temporaryFolder(), "a.db");
  const server = await startServer(["--db", db]);
  await expect.poll(server.stdout).toMatch(link);
  const token = link.exec(server.stdout())?.[1] ?? "";
  const env = { LATCHKEY_ADMIN_EMAIL: "boss@example.org", LATCHKEY_ADMIN_PASSWORD: password };
  await startServer(["--db", db], env);
  expect((await new Visitor(server.url).get(`/setup?token=${token}`)).status).toBe(403);
});
