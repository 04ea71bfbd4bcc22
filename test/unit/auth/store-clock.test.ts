import { describe, expect, test } from "vitest";
import { makeStoreClock } from "../../../packages/latchkey/src/lib/timing/store-clock.ts";

/** A machine whose clock can be set, and how far the store's is ahead of it. */
function makeMachine() {
  let time = 1_800_000_000_000;
  let monotonic = 0;
  const { clock, compare } = makeStoreClock(
    () => time,
    () => monotonic,
  );
  return {
    clock,
    compare,
    now: () => time,
    pass: (milliseconds: number) => {
      time += milliseconds;
      monotonic += milliseconds;
    },
    set: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe("P8: which clock counts", () => {
  test("the machine's own, where it is less than 5 s apart from the store's", () => {
    const { clock, compare, now } = makeMachine();
    for (const apart of [0, 4900, -4900]) {
      compare(now() + apart, 0);
      expect(clock()).toBe(now());
    }
  });

  test.each([120_000, -120_000, 3_600_000])("the store's, where it is further (%d ms)", (apart) => {
    const { clock, compare, now, pass } = makeMachine();
    compare(now() + apart, 0);
    pass(1000);
    expect(clock()).toBe(now() + apart);
    compare(now(), 0);
    expect(clock()).toBe(now());
  });

  test("set back, time goes on by the monotonic one until the store was asked", () => {
    const { clock, compare, now, pass, set } = makeMachine();
    compare(now(), 0);
    pass(250);
    const known = now();
    set(-3_600_000);
    expect(clock()).toBe(known);
    pass(200_000);
    expect(clock()).toBe(known + 200_000);
    compare(known + 200_000, 0);
    pass(250);
    expect(clock()).toBe(known + 200_250);
    // And set right again.
    set(3_600_000);
    compare(now(), 0);
    expect(clock()).toBe(now());
  });

  test.each([1000, 300_000, 599_000])(
    "set back by %d ms, long after the store was asked: the same",
    (back) => {
      const { clock, compare, now, pass, set } = makeMachine();
      compare(now(), 0);
      pass(600_000);
      const known = clock();
      expect(known).toBe(now());
      set(-back);
      for (const passed of [0, 1, 2 * back]) {
        pass(passed);
        expect(clock()).toBe(now() + back);
      }
    },
  );

  test("set forward and right again, while nobody can ask the store: what it says then", () => {
    const { clock, compare, now, pass, set } = makeMachine();
    compare(now(), 0);
    pass(1000);
    set(3_600_000);
    expect(clock()).toBe(now());
    pass(60_000);
    set(-3_600_000);
    expect(clock()).toBe(now());
  });

  test("after a sleep, in which the monotonic one stood still, it is what the machine says", () => {
    const { clock, compare, now, set } = makeMachine();
    compare(now(), 0);
    set(3_600_000);
    expect(clock()).toBe(now());
  });

  test("where the store's own clock was set back it counts none the less", () => {
    const { clock, compare, now } = makeMachine();
    compare(now(), 0);
    compare(now() - 60_000, 0);
    expect(clock()).toBe(now() - 60_000);
  });
});
