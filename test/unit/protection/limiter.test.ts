import { type LatchkeyOptions, latchkey, type RateLimitRule } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { afterEach, expect, test, vi } from "vitest";
import { known, makeStage, outcomeOf, stopTime, tally } from "./stage.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const wrong = { password: "a guess", ip: "192.0.2.1" };
const options: LatchkeyOptions = { secret: "s".repeat(32), store: memoryStore() };

test("latchkey() starts no timer, takes no random number and makes no limiter", () => {
  const limiter = vi.fn();
  const calls = [
    vi.spyOn(globalThis, "setTimeout"),
    vi.spyOn(globalThis, "setInterval"),
    vi.spyOn(globalThis.crypto, "getRandomValues"),
  ];
  latchkey({ ...options, rateLimit: { limiter } });
  expect([...calls, limiter].map((one) => one.mock.calls.length)).toEqual([0, 0, 0, 0]);
});

test("the limiter's timers keep no process alive", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const cleared = vi.spyOn(globalThis, "clearTimeout");
  const { signIns } = await makeStage();
  await signIns(11, wrong);
  // Whoever waits for the store has a timer too, which goes as soon as the store has answered.
  const gone = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
  const left = timers.mock.results
    .map(({ value }) => value as NodeJS.Timeout)
    .filter((one) => !gone.has(one));
  const kept = left.map((timer) => timer.hasRef());
  expect(kept.length).toBeGreaterThan(2);
  expect(kept).not.toContain(true);
});

test("what is over is forgotten: the memory it took is free again", async () => {
  const time = stopTime();
  const made: RateLimiterMemory[] = [];
  const limiter = (rule: RateLimitRule): RateLimiterMemory => {
    const one = new RateLimiterMemory(rule);
    made.push(one);
    return one;
  };
  const { signIn, signIns } = await makeStage({ rateLimit: { limiter } });
  await signIns(20, wrong);
  for (let user = 0; user < 200; user++)
    await signIn({ ...wrong, ip: `2001:db8:${user.toString(16)}::1`, email: `user${user}@example.com` });
  const keys = () => made.reduce((sum, one) => sum + one.dump().storage.length, 0);
  expect(keys()).toBeGreaterThan(400);
  await time.pass(86_400);
  expect(keys()).toBe(0);
});

test("a limiter of one's own gets a rule for each thing that is counted, with a prefix of its own", async () => {
  const rules: RateLimitRule[] = [];
  const limiter = (rule: RateLimitRule): RateLimiterMemory => {
    rules.push(rule);
    return new RateLimiterMemory(rule);
  };
  const perIp = { window: 60, failures: 5, signUps: 3, refreshes: 7 };
  const perAccount = { attempts: 4, firstPause: 2, longestPause: 8, memory: 600 };
  const { auth, signIns, signIn, device } = await makeStage({ rateLimit: { limiter, perIp, perAccount } });
  await signIns(4, wrong);
  await signIn({ ...wrong, device });
  await auth.api.signUpEmail(
    { email: "x@example.com", password: "long enough for it", client: "mobile" },
    call,
  );
  expect(rules).toEqual(
    expect.arrayContaining([
      { keyPrefix: "latchkey-pause", points: 1, duration: 2 },
      { keyPrefix: "latchkey-failures", points: 1_000_000_000, duration: 600 },
      { keyPrefix: "latchkey-ip", points: 5, duration: 60 },
      { keyPrefix: "latchkey-device", points: 4, duration: 600 },
      { keyPrefix: "latchkey-sign-up", points: 3, duration: 60 },
    ]),
  );
  expect(new Set(rules.map(({ keyPrefix }) => keyPrefix)).size).toBe(rules.length);
});

const call = { remoteAddress: "192.0.2.1" };

test("two processes that share a limiter count together", async () => {
  const shared = new Map<string, RateLimiterMemory>();
  const limiter = (rule: RateLimitRule): RateLimiterMemory => {
    const one = shared.get(rule.keyPrefix) ?? new RateLimiterMemory(rule);
    shared.set(rule.keyPrefix, one);
    return one;
  };
  const store = memoryStore();
  const one = await makeStage({ store, rateLimit: { limiter } });
  const other = await makeStage({ store, rateLimit: { limiter } }, "other@example.com");
  await one.signIns(5, wrong);
  expect(tally(await other.signIns(10, wrong))).toEqual({ invalid_credentials: 5, rate_limited: 5 });
});

test("nobody signs in past a limiter that does not answer, and nobody is told to be signed out", async () => {
  const fail = () => Promise.reject(new Error("connection refused"));
  const limiter = () => ({ consume: fail, get: fail, reward: fail, delete: fail });
  const { signIn, looks } = await makeStage({ rateLimit: { limiter } });
  await expect(signIn({})).rejects.toMatchObject({ code: "cannot_tell", retryAfter: 1 });
  expect(looks()).toBe(0);
});

test("rateLimit: false stops nobody", async () => {
  const { signIns, auth } = await makeStage({ rateLimit: false });
  expect(tally(await signIns(300, wrong))).toEqual({ invalid_credentials: 300 });
  expect(await signIns(1, {})).toEqual(["signed in"]);
  const input = { password: "long enough for it", client: "mobile" };
  for (let time = 0; time < 50; time++)
    expect(
      outcomeOf(await auth.api.signUpEmail({ ...input, email: `u${time}@example.com` }, call)),
      known,
    ).toBe("signed in");
});

test.each([
  [{ perAccount: { attempts: 0 } }, "rateLimit.perAccount.attempts"],
  [{ perAccount: { attempts: 101 } }, "rateLimit.perAccount.attempts"],
  [{ perIp: { failures: 1.5 } }, "rateLimit.perIp.failures"],
  [{ perIp: { failuers: 10 } }, "rateLimit.perIp.failuers"],
  [{ limiter: {} }, "rateLimit.limiter"],
  [true, "rateLimit"],
])("%j is a misuse that names %s", (rateLimit, named) => {
  const wrongOptions = { ...options, rateLimit } as LatchkeyOptions;
  expect(() => latchkey(wrongOptions)).toThrow(new RegExp(`^latchkey: ${named}: `));
});
