import { type Auth, hashServiceSecret, latchkey, type MakeRateLimiter } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { beforeEach, expect, test } from "vitest";
import { tally } from "./stage.ts";

const secret = "orders-".padEnd(43, "A");
const wrongSecret = "orders-".padEnd(43, "B");
let auth: Auth;

beforeEach(async () => {
  const services = { orders: { secretHash: await hashServiceSecret(secret), introspect: true } };
  auth = latchkey({ secret: "s".repeat(32), store: memoryStore(), services });
});

async function ask(given: string, ip = "192.0.2.1", path = "introspect"): Promise<Response> {
  const request = new Request(`http://localhost/api/auth/oauth2/${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`orders:${given}`)}` },
    body: new URLSearchParams({ token: "lks_nothing" }),
  });
  return auth.handler(request, { remoteAddress: ip });
}

test("ten wrong secrets, then a pause, on every endpoint; 429 in OAuth's words", async () => {
  for (let time = 0; time < 10; time++) expect((await ask(wrongSecret)).status).toBe(401);
  for (const path of ["introspect", "token", "revoke"]) {
    const response = await ask(secret, "192.0.2.1", path);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "30"]);
    expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
  }
});

test("a stranger's wrong secrets do not lock the service out", async () => {
  for (let time = 0; time < 200; time++) await ask(wrongSecret, "203.0.113.9");
  expect((await ask(wrongSecret, "203.0.113.9")).status).toBe(429);
  expect((await ask(secret, "192.0.2.1")).status).toBe(200);
});

test("a service that calls a thousand times at once is never limited", async () => {
  const all = await Promise.all(Array.from({ length: 1000 }, () => ask(secret)));
  expect(tally(all.map(({ status }) => String(status)))).toEqual({ 200: 1000 });
});

test("made-up services fill no memory: of an address no more are remembered than it has failures", async () => {
  const keys = new Set<string>();
  const limiter: MakeRateLimiter = (rule) => {
    const inner = new RateLimiterMemory(rule);
    const consume: typeof inner.consume = (key, ...rest) => {
      keys.add(`${rule.keyPrefix} ${key}`);
      return inner.consume(key, ...rest);
    };
    return {
      consume,
      get: (key) => inner.get(key),
      reward: (key) => inner.reward(key),
      delete: (key) => inner.delete(key),
    };
  };
  auth = latchkey({ secret: "s".repeat(32), store: memoryStore(), rateLimit: { limiter } });
  for (let i = 0; i < 1000; i++) {
    const form = { grant_type: "client_credentials", client_id: `made-up-${i}`, client_secret: wrongSecret };
    const init = { method: "POST", body: new URLSearchParams(form) };
    const request = new Request("http://localhost/api/auth/oauth2/token", init);
    expect((await auth.handler(request, { remoteAddress: "203.0.113.9" })).status).toBe(401);
  }
  expect(keys.size).toBeLessThanOrEqual(51);
});
