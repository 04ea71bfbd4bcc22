import { setTimeout as sleep } from "node:timers/promises";
import { type Auth, LatchkeyError, type SignedIn, type StrategyName } from "latchkey";
import { afterAll, describe, expect, test, vi } from "vitest";
import { engines, faults } from "./broken.ts";
import { arrive, carry, password, refreshTokenOf } from "./stage.ts";

/** What a check is answered while the store does not answer, and once what the process knows is older than the bound. */
const promised: readonly (readonly [StrategyName, "goes on" | "503", "goes on" | "503"])[] = [
  ["session", "503", "503"],
  ["session-live", "goes on", "503"],
  ["jwt", "goes on", "goes on"],
  ["jwt-denylist", "503", "503"],
  ["jwt-allowlist", "503", "503"],
  ["jwt-live", "goes on", "503"],
];
const clients = Object.fromEntries(
  promised.map(([strategy]) => [strategy, { transport: "bearer", strategy } as const]),
);
const measured: string[] = [];

afterAll(() => {
  const heading = "store     fault      strategy       at once   after 1 s  slowest answer  again after";
  process.stdout.write(`${[heading, ...measured].join("\n")}\n`);
});

interface Answer {
  readonly seen: string;
  readonly ms: number;
}

/** A check of the credential: as a middleware would answer. */
async function check(auth: Auth, signedIn: SignedIn): Promise<Answer> {
  const start = performance.now();
  const seen = await Promise.resolve()
    .then(() => auth.authenticate(carry(signedIn)))
    .then(
      (result) => (result.ok ? "goes on" : result.code),
      (error: unknown) => (error instanceof LatchkeyError && error.retryAfter !== undefined ? "503" : error),
    );
  return { seen: String(seen), ms: performance.now() - start };
}

/** A request to the handler: its status, and whether it says when to try again. */
async function send(auth: Auth, path: string, body: object, signedIn?: SignedIn): Promise<Answer> {
  const start = performance.now();
  const headers = new Headers(signedIn && carry(signedIn).headers);
  headers.set("content-type", "application/json");
  const url = `http://localhost/api/auth${path}`;
  const response = await auth.handler(
    new Request(url, { method: "POST", headers, body: JSON.stringify(body) }),
  );
  const again = response.headers.has("retry-after") ? "" : ", and not when to try again";
  return { seen: `${response.status}${response.status === 503 ? again : ""}`, ms: performance.now() - start };
}

function note(
  [engine, fault, strategy]: readonly [string, string, string],
  answers: readonly [Answer | undefined, Answer | undefined],
  back: number | undefined,
): void {
  const slowest = Math.max(...answers.map((it) => it?.ms ?? 0));
  const seen = [answers[0]?.seen.padEnd(9), answers[1]?.seen.padEnd(10)];
  const cells = [engine.padEnd(9), fault.padEnd(10), strategy.padEnd(14), ...seen];
  measured.push([...cells, `${Math.round(slowest)} ms`.padEnd(15), `${Math.round(back ?? 0)} ms`].join(" "));
}

describe.each(engines)("over %s", (engine, open) => {
  // Times depend on what else the machine does: one of three tries must show that they can be kept.
  test.each(faults)("%s", { retry: 2, timeout: 60_000 }, async (fault) => {
    const stage = await open({ clients, revocation: { maxStaleness: 1 } });
    const { auth } = stage;
    const people = new Map<StrategyName, SignedIn & { email: string }>();
    for (const [strategy] of promised) people.set(strategy, await arrive(auth, strategy));
    const all = async (): Promise<Map<StrategyName, Answer>> => {
      const asked = [...people].map(async ([name, it]) => [name, await check(auth, it)] as const);
      return new Map(await Promise.all(asked));
    };
    for (const { seen } of (await all()).values()) expect(seen).toBe("goes on");
    // Of connections that a network forgot only whoever has one notices, and new ones are made.
    const isLost = fault !== "half-open";
    await stage.begin(fault);

    const first = await all();
    const [session, live] = [people.get("session"), people.get("jwt-live")];
    if (session === undefined || live === undefined) return expect.fail();
    const tried = await Promise.all([
      ...(isLost ? [send(auth, "/sign-out", {}, session)] : []),
      send(auth, "/refresh", { refreshToken: refreshTokenOf(live) }),
      send(auth, "/sign-in/email", { email: live.email, password, client: "session" }),
    ]);
    await sleep(1300);
    const later = await all();
    const slowest = Math.max(...[...first.values(), ...later.values()].map(({ ms }) => ms));

    const ended = performance.now();
    await stage.end(fault);
    const back = new Map<StrategyName, number>();
    await vi.waitFor(
      async () => {
        for (const [name, { seen }] of await all()) {
          if (seen === "goes on" && !back.has(name)) back.set(name, performance.now() - ended);
        }
        expect(back.size).toBe(promised.length);
      },
      { timeout: 15_000, interval: 20 },
    );

    for (const row of promised) {
      const answers = [first.get(row[0]), later.get(row[0])] as const;
      note([engine, fault, row[0]], answers, back.get(row[0]));
      if (isLost) expect([row[0], ...answers.map((it) => it?.seen)]).toEqual(row);
      else expect(["goes on", "503"]).toContain(answers[0]?.seen);
    }
    expect(slowest).toBeLessThan(250);
    for (const { seen, ms } of tried) {
      if (isLost) expect(seen).toBe("503");
      expect(ms).toBeLessThan(2500);
    }
    // What was answered 503 is not done later: whoever asked to be signed out still is signed in, and knows.
    await sleep(300);
    expect((await check(auth, session)).seen).toBe("goes on");
    expect((await send(auth, "/sign-out", {}, session)).seen).toBe("200");
    expect((await check(auth, session)).seen).toBe("session_ended");
  });
});
