import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startRedis } from "../../support/servers/redis.ts";
import { run, startServer } from "./run-server.ts";

const env = { LATCHKEY_SECRET: "a-secret-for-tests-of-more-than-32-characters" };
const person = { email: "ada@example.com", password: "correct horse battery staple", client: "session" };

function post(url: string, body: object, token?: string): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

test("two servers on one Redis: signed in on one is signed in on the other, signed out too, and an outage is a 503", async () => {
  const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  onTestFinished(() => redis.stop());
  const args = ["--demo", "--db", redis.url];
  const [one, other] = await Promise.all([startServer(args, env), startServer(args, env)]);
  const made = await post(`${one.url}/api/auth/sign-up/email`, person);
  const { sessionToken } = (await made.json()) as { sessionToken: string };
  const me = async (on: string): Promise<number> =>
    (await fetch(`${on}/api/me`, { headers: { authorization: `Bearer ${sessionToken}` } })).status;
  expect([made.status, await me(one.url), await me(other.url)]).toEqual([201, 200, 200]);
  await redis.kill();
  const started = performance.now();
  expect([await me(one.url), await me(other.url)]).toEqual([503, 503]);
  expect(performance.now() - started).toBeLessThan(1000);
  await redis.start();
  for (let i = 0; (await me(other.url)) !== 200; i++) {
    expect(i).toBeLessThan(100);
    await wait(30);
  }
  for (let i = 0; (await post(`${other.url}/api/auth/sign-out`, {}, sessionToken)).status !== 200; i++) {
    expect(i).toBeLessThan(100);
    await wait(30);
  }
  expect([await me(one.url), await me(other.url)]).toEqual([401, 401]);
  expect(await one.stop()).toBe(0);
  expect(await other.stop()).toBe(0);
});

test("a sign-out that no replica confirms is a 503 that keeps the cookie, and one asked again comes through", async () => {
  const [redis, replica] = [await startRedis(), await startRedis()];
  onTestFinished(() => replica.stop());
  onTestFinished(() => redis.stop());
  await replica.command("REPLICAOF", "127.0.0.1", `${redis.port}`);
  for (let i = 0; !(await redis.command("INFO", "replication")).includes("state=online"); i++) {
    expect(i).toBeLessThan(500);
    await wait(20);
  }
  const server = await startServer(["--demo", "--db", redis.url], env);
  const made = await post(`${server.url}/api/auth/sign-up/email`, { ...person, client: "web" });
  const cookie = made.headers
    .getSetCookie()
    .map((it) => it.split(";")[0])
    .join("; ");
  const signOut = () =>
    fetch(`${server.url}/api/auth/sign-out`, {
      method: "POST",
      headers: { cookie, origin: server.url, "content-type": "application/json" },
      body: "{}",
    });
  replica.pause();
  const refused = await signOut();
  expect([refused.status, refused.headers.getSetCookie()]).toEqual([503, []]);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(((await refused.json()) as { code: string }).code).toBe("revocation_unconfirmed");
  replica.resume();
  const done = await signOut();
  expect(done.status).toBe(200);
  expect(done.headers.getSetCookie().length).toBeGreaterThan(0);
});

test("a Redis that may throw records away, or that is not there, stops the start with what to do", async () => {
  const redis = await startRedis("--maxmemory-policy", "allkeys-lru");
  onTestFinished(() => redis.stop());
  const evicting = run(["serve", "--port", "0", "--db", redis.url], env);
  expect(await evicting.ended).toBe(1);
  expect(evicting.stderr()).toMatch(/^latchkey: Cannot open the database: .*"maxmemory-policy noeviction"/m);
  await redis.kill();
  const missing = run(
    ["serve", "--port", "0", "--db", redis.url.replace("redis://", "redis://ann:hush-hush@")],
    env,
  );
  expect(await missing.ended).toBe(1);
  expect(missing.stderr()).toMatch(/^latchkey: Cannot open the database: .*ECONNREFUSED/m);
  expect(missing.stderr()).not.toContain("hush-hush");
});
