import { expect, test } from "vitest";
import { makeStoreClock } from "../../../packages/latchkey/src/lib/timing/store-clock.ts";

function stage(ahead = 0) {
  const time = { store: 1_800_000_000_000, ahead };
  const { clock, compare } = makeStoreClock(
    () => time.store + time.ahead,
    () => time.store,
  );
  return { time, clock, compare, off: () => clock() - time.store };
}

test.each([
  [4000, 4000],
  [-4000, -4000],
  [9000, 0],
  [-9000, 0],
])("a clock that is %i ms ahead is then %i ms ahead", (ahead, off) => {
  const { time, compare, off: found } = stage(ahead);
  compare(time.store, 20);
  expect(Math.abs(found() - off)).toBeLessThanOrEqual(20);
});

test("an answer that was long under way sets no clock back, and takes no correction away", () => {
  for (const ahead of [0, -60_000]) {
    const { time, compare, off } = stage(ahead);
    compare(time.store, 0);
    const told = time.store;
    time.store += 3_600_000;
    compare(told, 3_600_000);
    expect(off()).toBe(0);
  }
});

test("a clock that was set right is believed again", () => {
  const { time, compare, off } = stage(60_000);
  compare(time.store, 0);
  expect(off()).toBe(0);
  time.ahead = 0;
  compare(time.store, 0);
  expect(off()).toBe(0);
});

test("for whoever was told the time lately: the same, and never before that answer", () => {
  let [wall, passed] = [1_800_000_000_000, 0];
  const { clock, lately, compare } = makeStoreClock(
    () => wall,
    () => passed,
  );
  compare(wall, 0);
  for (const [set, passes] of [
    [0, 1000],
    [-86_400_000, 1000],
    [86_400_000, 1000],
  ] as const) {
    wall += set + passes;
    passed += passes;
    expect(lately()).toBe(clock());
  }
  const told = clock();
  compare(told, 0);
  wall -= 86_400_000;
  passed += 1000;
  expect(lately()).toBe(told + 1000);
});

test.each([3_600_000, -3_600_000, 6000])("the store's time, where it is %d ms off, also for those", (off) => {
  let [wall, passed] = [1_800_000_000_000, 0];
  const { clock, lately, compare } = makeStoreClock(
    () => wall,
    () => passed,
  );
  compare(wall + off, 0);
  wall += 1000;
  passed += 1000;
  expect(lately()).toBe(wall + off);
  wall -= 2_000;
  expect(lately()).toBe(clock());
  expect(lately()).toBe(wall + 2000 + off);
});
