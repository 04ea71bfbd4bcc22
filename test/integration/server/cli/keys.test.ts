import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "../run-server.ts";
import { json, latchkey } from "./command.ts";
import { inStore, me, signUp, tokenOf } from "./people.ts";

interface ShownKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly createdAt: string;
  readonly activatesAt: string;
  readonly retiresAt: string | null;
}

async function keysOf(db: string, ...more: string[]): Promise<readonly ShownKey[]> {
  return (await json<{ keys: ShownKey[] }>(["keys", "list", "--db", db, ...more])).keys;
}

test("rotate: the new key is published before it signs, asking again adds none, and nobody is signed out", async () => {
  const db = join(temporaryFolder(), "a.db");
  const server = await startServer(["--demo", "--db", db]);
  await signUp(server.url, "ada@example.org");
  const token = await tokenOf(server.url, "ada@example.org", "jwt");
  const [first] = await keysOf(db);
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(first).toEqual({
    kid: expect.stringMatching(/^[\w-]{22}$/),
    algorithm: "EdDSA",
    createdAt: iso,
    activatesAt: iso,
    retiresAt: null,
  });

  const rotated = await latchkey(["keys", "rotate", "--db", db]);
  expect(rotated).toMatchObject({ code: 0, stderr: "" });
  const [, kid] = /^Key ([\w-]{22}) is published and signs from \d{4}-.*Z\.\n$/.exec(rotated.stdout) ?? [];
  expect((await json<{ kid: string }>(["keys", "rotate", "--db", db])).kid).toBe(kid);
  const [old, next, ...rest] = await keysOf(db);
  expect(rest).toEqual([]);
  expect([old?.kid, next?.kid, next?.retiresAt]).toEqual([first?.kid, kid, null]);
  expect(Date.parse(next?.activatesAt ?? "")).toBeGreaterThan(Date.now() + 500_000);
  expect(Date.parse(old?.retiresAt ?? "")).toBeGreaterThan(Date.parse(next?.activatesAt ?? ""));
  const table = await latchkey(["keys", "list", "--db", db]);
  expect(table.stdout).toMatch(/^KEY +ALGORITHM +CREATED +SIGNS FROM +ACCEPTED UNTIL\n.*Z +\d.*Z\n.*Z +-\n$/);
  expect((await me(server.url, { authorization: `Bearer ${token}` }))[0]).toBe(200);
});

test("rotate --compromised: needs --yes, and what the others signed is refused where a check reads the database", async () => {
  const db = join(temporaryFolder(), "a.db");
  const server = await startServer(["--demo", "--db", db]);
  await signUp(server.url, "ada@example.org");
  const bearer = { authorization: `Bearer ${await tokenOf(server.url, "ada@example.org", "jwt")}` };
  const looked = { authorization: `Bearer ${await tokenOf(server.url, "ada@example.org", "jwt-denylist")}` };
  expect((await me(server.url, looked))[0]).toBe(200);
  const before = await keysOf(db);
  const unasked = await latchkey(["keys", "rotate", "--compromised", "--db", db]);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(
    /^latchkey: keys rotate --compromised cannot be undone: .* needs --yes\.\n$/,
  );
  expect(await keysOf(db)).toEqual(before);

  const rotated = await latchkey(["keys", "rotate", "--compromised", "--yes", "--db", db]);
  expect(rotated).toMatchObject({ code: 0, stderr: "" });
  expect(rotated.stdout).toMatch(
    /^Key [\w-]{22} signs from now on\. What the others signed is refused: at once .* within a minute .*\n$/,
  );
  expect(await me(server.url, looked)).toEqual([401, "credential_invalid"]);
  // Where no check reads the database it takes up to a minute; a server that starts knows.
  const next = await startServer(["--demo", "--db", db]);
  expect(await me(next.url, bearer)).toEqual([401, "credential_invalid"]);
  const renewed = await tokenOf(next.url, "ada@example.org", "jwt");
  expect((await me(next.url, { authorization: `Bearer ${renewed}` }))[0]).toBe(200);
});

test("without the configuration of the server no key of another algorithm is added; with it that one is used", async () => {
  const folder = temporaryFolder();
  const db = join(folder, "a.db");
  const config = join(folder, "latchkey.json");
  writeFileSync(config, JSON.stringify({ db, keys: { algorithm: "ES256" } }));
  await (await startServer(["--config", config])).stop();
  const stored = () => inStore(db, (store) => store.listKeys());
  const before = await stored();
  expect(await latchkey(["users", "list", "--db", db])).toEqual({
    code: 0,
    stdout: "No users.\n",
    stderr: "",
  });
  expect(await stored()).toEqual(before);
  const { kid } = await json<{ kid: string }>(["keys", "rotate", "--config", config]);
  const keys = await keysOf(db);
  expect(keys.map(({ algorithm }) => algorithm)).toEqual(["ES256", "ES256"]);
  expect(keys[1]?.kid).toBe(kid);
});

test("a secret in the environment, as a list too, opens what the server sealed", async () => {
  const db = join(temporaryFolder(), "a.db");
  const old = "o".repeat(40);
  await (await startServer(["--db", db], { LATCHKEY_SECRET: old })).stop();
  const list = (env: NodeJS.ProcessEnv) => latchkey(["keys", "list", "--db", db], { env });
  expect((await list({ LATCHKEY_SECRET: old })).code).toBe(0);
  const production = { NODE_ENV: "production", LATCHKEY_SECRET: `${old},${"n".repeat(40)}` };
  expect((await list(production)).code).toBe(0);

  const wrong = await list({ LATCHKEY_SECRET: "w".repeat(40) });
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toMatch(
    /^latchkey: Cannot open the database: secret: none of the 1 configured opens .*\n$/,
  );
  expect(wrong.stderr).not.toContain("wwww");

  const missing = await list({});
  expect(missing).toMatchObject({ code: 2, stdout: "" });
  expect(missing.stderr).toContain(
    `LATCHKEY_SECRET is missing: there is no ${db}.secret beside the database either`,
  );
  expect(() => readFileSync(`${db}.secret`)).toThrow();
});
