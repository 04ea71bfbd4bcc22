import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashServiceSecret } from "latchkey";
import { expect, test } from "vitest";
import { run, temporaryFolder } from "../server/run-server.ts";

const secret = "a-secret-that-nobody-may-see-0123456789abcdef";

async function startWith(settings: object): Promise<{ code: number | null; stderr: string }> {
  const folder = temporaryFolder();
  const config = join(folder, "latchkey.json");
  writeFileSync(config, JSON.stringify(settings));
  const started = run(["serve", "--port", "0", "--db", join(folder, "a.db"), "--config", config]);
  return { code: await started.ended, stderr: started.stderr() };
}

test.each([
  ["the secret in place of its hash", { services: { orders: { secretHash: secret } } }, /services\.orders/],
  ["no hash", { services: { orders: { scopes: ["a"] } } }, /services\.orders\.secretHash/],
  ["a mistyped option", { audiences: { billing: { scope: ["a"] } } }, /audiences\.billing\.scope/],
  ["a list", { services: [] }, /services/],
])("serve says what is wrong and shows no secret: %s", async (_, settings, message) => {
  const { code, stderr } = await startWith(settings);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain(secret);
});

test("a service may be a third party", async () => {
  const service = { secretHash: await hashServiceSecret(secret), audience: "https://billing.example" };
  const { code, stderr } = await startWith({ services: { partner: service } });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /services\.partner\.audience: "https:\/\/billing\.example" is not among `audiences`/,
  );
});

test("an audience of a service must be configured", async () => {
  const service = { secretHash: await hashServiceSecret(secret), audiences: ["https://billing.example"] };
  const { code, stderr } = await startWith({ services: { orders: service } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/not among/);
});
