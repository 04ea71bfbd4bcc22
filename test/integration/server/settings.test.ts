import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, startServer, temporaryFolder } from "./run-server.ts";

/** [arguments, environment, the one line that must be printed] */
type Mistake = readonly [args: readonly string[], env: NodeJS.ProcessEnv, line: RegExp];

const mistakes: { readonly [name: string]: Mistake } = {
  "port that is no number": [["--port", "abc"], {}, /^latchkey: --port is "abc": give a whole number/],
  "port that is too high": [["--port", "70000"], {}, /^latchkey: --port is 70000: ports end at 65535\.$/],
  "host with a scheme": [["--host", "http://x"], {}, /^latchkey: --host is "http:\/\/x": give an address/],
  "host that is not here": [
    ["--host", "192.0.2.1"],
    {},
    /^latchkey: --host is "192\.0\.2\.1": this machine has no/,
  ],
  "grace that is too long": [
    ["--refresh-grace", "301"],
    {},
    /^latchkey: --refresh-grace is 301: give seconds from 0 to 300/,
  ],
  "database of an unknown kind": [
    ["--db", "mysql://ann:hush-hush@db/x"],
    {},
    /^latchkey: --db is "mysql:\/\/…": give a file, or the address of a server: postgres:\/\/ or redis:\/\/\.$/,
  ],
  "database on a server without a secret": [
    ["--db", "redis://ann:hush-hush@127.0.0.1:1"],
    {},
    /^latchkey: LATCHKEY_SECRET is missing: every process that uses this database needs the same one\. .*openssl/,
  ],
  "database whose address is none": [
    ["--db", "redis://ann:hush-hush@127.0.0.1:99999"],
    { LATCHKEY_SECRET: "x".repeat(32) },
    /^latchkey: redisStore\(\) needs a redis:\/\/ or rediss:\/\/ URL/,
  ],
  "flag that does not exist": [["--prot", "1"], {}, /^latchkey: unknown option '--prot'/],
  "base URL with a path": [
    [],
    { LATCHKEY_BASE_URL: "https://a.example/auth" },
    /^latchkey: LATCHKEY_BASE_URL is "https:\/\/a\.example\/auth": give scheme, host and port only/,
  ],
  "base URL in clear in production": [
    [],
    { LATCHKEY_BASE_URL: "http://a.example", NODE_ENV: "production", LATCHKEY_SECRET: "x".repeat(32) },
    /^latchkey: baseURL: .*[Uu]se https/,
  ],
  "log level": [
    [],
    { LATCHKEY_LOG_LEVEL: "loud" },
    /^latchkey: LATCHKEY_LOG_LEVEL is "loud": use one of fatal, /,
  ],
  "administrator without a password": [
    [],
    { LATCHKEY_ADMIN_EMAIL: "a@example.org" },
    /^latchkey: LATCHKEY_ADMIN_PASSWORD is missing: /,
  ],
  "administrator with a weak password": [
    [],
    { LATCHKEY_ADMIN_EMAIL: "a@example.org", LATCHKEY_ADMIN_PASSWORD: "abc" },
    /^latchkey: LATCHKEY_ADMIN_PASSWORD is refused: The password is too short\./,
  ],
  "administrator without an address": [
    [],
    { LATCHKEY_ADMIN_EMAIL: "nobody", LATCHKEY_ADMIN_PASSWORD: "correct horse staple" },
    /^latchkey: LATCHKEY_ADMIN_EMAIL is "nobody": /,
  ],
  "secret that is too short": [
    [],
    { LATCHKEY_SECRET: "hush-hush" },
    /^latchkey: LATCHKEY_SECRET is too short: it has 9 characters and needs 32\. .*openssl/,
  ],
  "old secret that is too short": [
    [],
    { LATCHKEY_SECRET: `${"x".repeat(32)},hush-hush` },
    /^latchkey: LATCHKEY_SECRET is too short at place 2 of 2: /,
  ],
  "no secret in production": [
    [],
    { NODE_ENV: "production" },
    /^latchkey: LATCHKEY_SECRET is missing: with NODE_ENV=production it must be given\. .*openssl/,
  ],
  "configuration that is not there": [
    ["--config", "no.json"],
    {},
    /^latchkey: --config is "no\.json": it cannot be read/,
  ],
};

for (const [name, [args, env, line]] of Object.entries(mistakes)) {
  test(`${name}: one message, exit code 2`, async () => {
    const server = run(["serve", "--port", "0", "--db", join(temporaryFolder(), "a.db"), ...args], env);
    expect(await server.ended).toBe(2);
    expect(server.stdout()).toBe("");
    const [message = "", ...rest] = server.stderr().trimEnd().split("\n");
    expect(message).toMatch(line);
    expect(rest.filter((more) => !/Did you mean/.test(more))).toEqual([]);
    expect(server.stderr()).not.toContain("hush-hush");
  });
}

/** [contents of the file, the one line that must be printed] */
const badFiles: { readonly [name: string]: readonly [contents: string, line: RegExp] } = {
  "broken JSON": ["{", /^latchkey: --config is ".*": it is no JSON/],
  "unknown option": ['{"sesion":{}}', /^latchkey: sesion in .*\.json is no option: use port, host,/],
  "unknown member": [
    '{"session":{"expires":1}}',
    /^latchkey: session\.expires in .* is no option: use expiresIn,/,
  ],
  "wrong kind": [
    '{"session":{"expiresIn":"1h"}}',
    /^latchkey: session\.expiresIn in .* is "1h": give a whole number/,
  ],
  "unknown strategy": [
    '{"clients":{"web":{"transport":"cookie","strategy":"magic"}}}',
    /^latchkey: clients\.web\.strategy in .* is "magic": use one of session, session-live, jwt, .*jwt-live\.$/,
  ],
  "no cookie for the pages": [
    '{"clients":{"phone":{"transport":"bearer","strategy":"jwt"}}}',
    /^latchkey: clients\.web in .* is missing: the pages sign in with it/,
  ],
  "function in JSON": [
    '{"signUp":{"allow":"me"}}',
    /^latchkey: signUp\.allow in .* is "me": give a function/,
  ],
  "origin with a path": ['{"trustedOrigins":["https://a.example/x"]}', /^latchkey: trustedOrigins: /],
};

for (const [name, [contents, line]] of Object.entries(badFiles)) {
  test(`configuration file with ${name}: one message, exit code 2`, async () => {
    const folder = temporaryFolder();
    const config = join(folder, "latchkey.json");
    writeFileSync(config, contents);
    const server = run(["serve", "--port", "0", "--db", join(folder, "a.db"), "--config", config]);
    expect(await server.ended).toBe(2);
    expect(server.stderr().trimEnd()).toMatch(line);
    expect(server.stderr().trimEnd().split("\n")).toHaveLength(1);
  });
}

test("a flag goes before the file, and the file's options reach the library", async () => {
  const folder = temporaryFolder();
  const config = join(folder, "latchkey.json");
  const settings = {
    port: 1,
    db: join(folder, "no.db"),
    passwords: { minLength: 20 },
    signUp: { enabled: false },
  };
  writeFileSync(config, JSON.stringify(settings));
  const server = await startServer(["--db", join(folder, "a.db"), "--config", config]);
  expect(new URL(server.url).port).not.toBe("1");
  expect((await fetch(`${server.url}/sign-up`)).status).toBe(403);
});

test("a module may hold functions", async () => {
  const folder = temporaryFolder();
  const config = join(folder, "latchkey.config.mjs");
  const allow = '({ email }) => email.endsWith("@example.org")';
  writeFileSync(config, `export default { demo: true, signUp: { allow: ${allow} } };\n`);
  const server = await startServer(["--db", join(folder, "a.db"), "--config", config]);
  expect((await fetch(`${server.url}/api/me`)).status).toBe(401);
  const signUp = (email: string) =>
    fetch(`${server.url}/api/auth/sign-up/email`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password: "correct horse staple" }),
    });
  expect((await signUp("ada@example.com")).status).toBe(403);
  expect((await signUp("ada@example.org")).status).toBe(201);
});
