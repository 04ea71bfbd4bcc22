import { expect, test } from "vitest";
import { makeCurrency, momentOf } from "../../../packages/latchkey/src/replica/currency.ts";
import { keepUp } from "../../../packages/latchkey/src/replica/keep-up.ts";

function stage() {
  const time = { monotonic: 5000, wall: 1_800_000_000_000 };
  const clocks = {
    monotonic: () => time.monotonic,
    elapsed: (since: number) => Math.ceil(time.monotonic - since),
    wall: () => time.wall,
  };
  const currency = makeCurrency(clocks);
  const pass = (monotonic: number, wall = monotonic): void => {
    time.monotonic += monotonic;
    time.wall += wall;
  };
  return { time, pass, currency, prove: () => currency.prove(momentOf(clocks)) };
}

test("nothing is proven at first, nor after it was forgotten", () => {
  const { currency, prove } = stage();
  expect(currency.isWithin(1e12)).toBe(false);
  prove();
  expect(currency.isWithin(1)).toBe(true);
  currency.forget();
  expect(currency.isWithin(1e12)).toBe(false);
  expect(currency.age()).toBe(Number.POSITIVE_INFINITY);
});

test("a proof holds for less than the bound", () => {
  const { currency, prove, pass } = stage();
  prove();
  pass(1999);
  expect(currency.isWithin(2000)).toBe(true);
  pass(1);
  expect(currency.isWithin(2000)).toBe(false);
  expect(currency.age()).toBe(2000);
});

test.each([
  ["the monotonic clock stood still (a machine that slept)", 0, 2000],
  ["the wall clock stood still (somebody set it back)", 2000, 0],
])("either clock alone says so: %s", (_, monotonic, wall) => {
  const { currency, prove, pass } = stage();
  prove();
  pass(monotonic, wall);
  expect(currency.isWithin(2000)).toBe(false);
});

test("a wall clock that is set back an hour takes no trust away, and adds none", () => {
  const { currency, prove, pass } = stage();
  prove();
  pass(1000, -3_600_000);
  expect(currency.isWithin(2000)).toBe(true);
  pass(1000, 0);
  expect(currency.isWithin(2000)).toBe(false);
});

test.each([
  [1999, undefined],
  [1999.3, Promise],
  [2000, Promise],
])("what is read after the answer is only what the check still believes: %s ms", (milliseconds, kind) => {
  const { currency, prove, pass } = stage();
  prove();
  pass(milliseconds, 1999);
  const waiting: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise) };
  const reading = keepUp({ currency, refresh: async () => undefined }, 2000, context);
  expect(currency.isWithin(2000)).toBe(kind === undefined);
  expect(reading?.constructor).toBe(kind);
  expect(waiting).toHaveLength(kind === undefined ? 1 : 0);
});

test("a read that was overtaken proves nothing newer", () => {
  const { currency, prove, pass } = stage();
  pass(1000);
  prove();
  currency.prove({ monotonic: 5000, wall: 1_800_000_000_000 });
  pass(1500);
  expect(currency.isWithin(2000)).toBe(true);
});
