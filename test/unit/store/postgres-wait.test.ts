import { expect, test } from "vitest";
import { makeLogWait } from "../../../packages/latchkey/src/store/postgres/follower/wait.ts";
import type { ChangesPage } from "../../../packages/latchkey/src/types.ts";

const page: ChangesPage = {
  ...{ changes: [], position: "life.1.tag", atHead: true, reset: false, now: 0, longestLife: 0 },
};
const quiet = { hears: () => true, hasMoved: async () => false };

async function durationOf(wait: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await wait;
  return performance.now() - started;
}

test("a word that comes after the log was looked at and before the waiting begins is not missed", async () => {
  const log = makeLogWait(quiet);
  const seen = await log.looking(async () => {
    const copy = { ...page };
    log.wake();
    return copy;
  });
  expect(await durationOf(log.wait(seen, 2000, undefined))).toBeLessThan(500);
});

test("without a word it waits as long as it is told", async () => {
  const log = makeLogWait(quiet);
  const seen = await log.looking(async () => ({ ...page }));
  expect(await durationOf(log.wait(seen, 60, undefined))).toBeGreaterThan(50);
});

test("where no words come through it looks itself", async () => {
  let looks = 0;
  const log = makeLogWait({ hears: () => false, hasMoved: async () => ++looks === 2 });
  const seen = await log.looking(async () => ({ ...page }));
  const duration = await durationOf(log.wait(seen, 5000, undefined));
  expect(looks).toBe(2);
  expect(duration).toBeLessThan(2000);
});

test("whoever asked may stop it", async () => {
  const log = makeLogWait(quiet);
  const seen = await log.looking(async () => ({ ...page }));
  expect(await durationOf(log.wait(seen, 5000, AbortSignal.timeout(20)))).toBeLessThan(2000);
});
