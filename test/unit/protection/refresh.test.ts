import { type Auth, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { afterEach, expect, test, vi } from "vitest";
import { outcomeOf, password, stopTime, tally } from "./stage.ts";

afterEach(() => void vi.useRealTimers());

const from = { remoteAddress: "192.0.2.1" };

function makeAuth(): Auth {
  return latchkey({
    secret: "s".repeat(32),
    store: memoryStore(),
    clients: { mobile: { transport: "bearer", strategy: "jwt" } },
    // Where time is made to fly, what goes on all the time is to go on seldom.
    revocation: { maxStaleness: 60 },
    session: { idleTimeout: null, expiresIn: 365 * 86_400 },
    refresh: { absoluteExpiresIn: 365 * 86_400 },
    keys: { algorithm: "HS256" },
    passwords: { hasher: { hash: async (text) => text, verify: async (hash, text) => hash === text } },
  });
}

async function firstToken(auth: Auth, email: string): Promise<string> {
  const made = await auth.api.signUpEmail({ email, password });
  return made.ok ? refreshTokenOf(made.credentials) : "";
}

function refreshTokenOf(credentials: object): string {
  return "refreshToken" in credentials ? String(credentials.refreshToken) : "";
}

test("a client with five tabs is never limited, over a thousand rotations", async () => {
  const time = stopTime();
  const auth = makeAuth();
  let refreshToken = await firstToken(auth, "ada@example.com");
  const outcomes: string[] = [];
  for (let rotation = 0; rotation < 1000; rotation++) {
    await time.pass(60);
    const tabs = await Promise.all(Array.from({ length: 5 }, () => auth.api.refresh({ refreshToken }, from)));
    outcomes.push(...tabs.map(outcomeOf));
    const [first] = tabs;
    if (first?.ok) refreshToken = refreshTokenOf(first.credentials);
  }
  expect(tally(outcomes)).toEqual({ "signed in": 5000 });
});

test("a thousand rotations as fast as the grace window allows are not limited either", async () => {
  const time = stopTime();
  const auth = makeAuth();
  let refreshToken = await firstToken(auth, "ada@example.com");
  for (let rotation = 0; rotation < 1000; rotation++) {
    await time.pass(11);
    const result = await auth.api.refresh({ refreshToken }, from);
    if (!result.ok) throw new Error(`${result.code} at rotation ${rotation}`);
    refreshToken = refreshTokenOf(result.credentials);
  }
});

test("one session that refreshes in a loop is stopped, its neighbours are not", async () => {
  stopTime();
  const auth = makeAuth();
  const [wild, calm] = [await firstToken(auth, "a@example.com"), await firstToken(auth, "b@example.com")];
  const outcomes: string[] = [];
  for (let time = 0; time < 1000; time++)
    outcomes.push(outcomeOf(await auth.api.refresh({ refreshToken: wild }, from)));
  expect(tally(outcomes)).toEqual({ "signed in": 900, rate_limited: 100 });
  expect(await auth.api.refresh({ refreshToken: wild }, from)).toMatchObject({ retryAfter: 900 });
  expect(outcomeOf(await auth.api.refresh({ refreshToken: calm }, from))).toBe("signed in");
});

test("many sessions that do so from one address are stopped together", async () => {
  stopTime();
  const auth = makeAuth();
  const outcomes: string[] = [];
  for (let session = 0; session < 12; session++) {
    const refreshToken = await firstToken(auth, `user${session}@example.com`);
    for (let time = 0; time < 900; time++)
      outcomes.push(outcomeOf(await auth.api.refresh({ refreshToken }, from)));
  }
  expect(tally(outcomes)).toEqual({ "signed in": 9000, rate_limited: 1800 });
});
