import { LatchkeyError } from "latchkey";
import { afterEach, expect, test, vi } from "vitest";
import { makeStage, outcomeOf, stopTime, tally } from "./stage.ts";

afterEach(() => void vi.useRealTimers());

/** Takes its time, as a real one does: what comes at once is under way at once. */
const hasher = {
  async hash(text: string) {
    return text;
  },
  async verify(hash: string, text: string) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return hash === text;
  },
};
const password = "correct horse battery";

test("a hundred right sign-ins at once, of one account from one address, all pass", async () => {
  const { signIn } = await makeStage({ passwords: { hasher } });
  const all = Array.from({ length: 100 }, async () => outcomeOf(await signIn({ ip: "192.0.2.1" })));
  expect(tally(await Promise.all(all))).toEqual({ "signed in": 100 });
});

test("a right one among fifty wrong ones at once costs nobody more guesses than one after the other", async () => {
  const { signIn } = await makeStage({ passwords: { hasher } });
  const guesses = Array.from({ length: 50 }, async (_, at) =>
    outcomeOf(await signIn({ password: at === 4 ? password : "a guess" })),
  );
  const { "signed in": right, invalid_credentials: wrong = 0 } = tally(await Promise.all(guesses));
  expect(right).toBe(1);
  expect(wrong).toBeLessThanOrEqual(9 + 10);
});

test("who waited a second for others on the account is told so, and may come again", async () => {
  const { signIn } = await makeStage({ passwords: { hasher: oneByOne(110) } });
  const { pass } = stopTime();
  const start = Date.now();
  const told: number[] = [];
  const busy = (fault: unknown): string => {
    told.push(Date.now() - start);
    return fault instanceof LatchkeyError ? fault.code : String(fault);
  };
  const all = Array.from({ length: 100 }, () => signIn({ ip: "192.0.2.1" }).then(outcomeOf, busy));
  await pass(20);
  // Fifty from an address are under way at a time; in a second nine of them ended.
  expect(tally(await Promise.all(all))).toEqual({ "signed in": 59, busy: 41 });
  expect(new Set(told)).toEqual(new Set([1000]));
  const again = signIn({ ip: "192.0.2.1" });
  await pass(1);
  expect(outcomeOf(await again)).toBe("signed in");
});

/** Looks at one password at a time, each for so long. */
function oneByOne(milliseconds: number): typeof hasher {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...hasher,
    async verify(hash, text) {
      last = last.then(() => new Promise((resolve) => setTimeout(resolve, milliseconds)));
      await last;
      return hash === text;
    },
  };
}
