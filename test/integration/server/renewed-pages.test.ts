import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "./run-server.ts";
import { Visitor } from "./visitor.ts";

const password = "correct horse staple";

test("pages that sign in with a JWT renew it: nobody signs in again every quarter of an hour", async () => {
  const folder = temporaryFolder();
  const config = join(folder, "latchkey.json");
  const clients = { web: { transport: "cookie", strategy: "jwt" } };
  writeFileSync(config, JSON.stringify({ clients, access: { expiresIn: 2 }, refresh: { grace: 1 } }));
  const { url } = await startServer(["--db", join(folder, "a.db"), "--config", config]);
  const ada = new Visitor(url);
  await ada.post("/sign-up", { email: "ada@example.org", password, name: "Ada" });
  for (let round = 0; round < 2; round++) {
    await wait(2100);
    expect((await ada.get("/account")).status).toBe(200);
    await wait(2100);
    const renamed = await ada.post("/account", { action: "rename", name: `Ada ${round}` });
    expect(renamed.headers.get("location")).toBe("/account?done=name");
  }
  await wait(2100);
  expect((await ada.get("/sign-in")).headers.get("location")).toBe("/account");
  await wait(2100);
  const next = "a horse of another colour";
  const changed = await ada.post("/account", {
    action: "change-password",
    currentPassword: password,
    newPassword: next,
  });
  expect(changed.headers.get("location")).toBe("/account?done=password");
  expect((await ada.get("/account")).status, "the credential that the change gave").toBe(200);
  await ada.post("/sign-out", {});
  expect(ada.cookie).not.toMatch(/latchkey-web/);
  expect((await ada.get("/account")).status).toBe(303);
});
