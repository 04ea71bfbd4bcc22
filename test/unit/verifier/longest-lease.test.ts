import { memoryStore } from "latchkey/memory";
import { expect, test } from "vitest";
import { readOptions } from "../../../packages/latchkey/src/options.ts";
import { makeLongestLease } from "../../../packages/latchkey/src/session/changes/longest.ts";
import { secret } from "../../support/stage.ts";

const hour = 3_600_000;

/** A store that takes note of what it is told, and can be slow or broken. */
function stage() {
  const inner = memoryStore();
  const told: number[] = [];
  let time = 0;
  let meet: () => Promise<void> = async () => undefined;
  const settings = readOptions({ store: inner, secret }, false);
  const longest = makeLongestLease(
    settings,
    {
      readLeases: (at) => inner.readLeases(at),
      async declareLongest(wanted) {
        told.push(wanted.lease);
        await meet();
        await inner.declareLongest(wanted);
      },
    },
    () => time,
  );
  return {
    ...{ longest, told, inner },
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    meet: (weather: typeof meet) => {
      meet = weather;
    },
    /** What it is told is under way until it is let go. */
    hold(): () => void {
      let release = (): void => undefined;
      meet = () =>
        new Promise((done) => {
          release = done;
        });
      return () => release();
    },
  };
}

test("the store is told of what is longer than before, once an hour, and of nothing that the server itself has", async () => {
  const { longest, told, pass } = stage();
  for (const lease of [2450, 9000, 9000, 5000]) await longest.reckonWith(lease);
  expect(told).toEqual([9000]);
  await longest.reckonWith(20_000);
  pass(hour - 1);
  await longest.reckonWith(5000);
  expect(told).toEqual([9000, 20_000]);
  pass(1);
  for (const lease of [5000, 5000, 2450]) await longest.reckonWith(lease);
  expect(told).toEqual([9000, 20_000, 20_000]);
  pass(hour);
  await longest.reckonWith(5000);
  expect(told.slice(3), "the longest that was asked for within the hour").toEqual([5000]);
});

test("after a day without anybody the store may have forgotten it: it is asked, and told before anybody goes on", async () => {
  const { longest, told, inner, pass, meet } = stage();
  await longest.reckonWith(9000);
  pass(24 * hour);
  inner.readLeases = async () => ({ leases: [], position: "a.1.b", life: null, longestLease: 2450 });
  meet(() => Promise.reject(new Error("down")));
  await expect(longest.reckonWith(9000)).rejects.toThrow("down");
  expect(told).toEqual([9000, 9000]);
});

test("what was under way to an earlier store says nothing of this one", async () => {
  const { longest, told, inner, meet, hold } = stage();
  const release = hold();
  const early = longest.reckonWith(9000);
  await new Promise((done) => setTimeout(done, 5));
  longest.doubt();
  release();
  await early;
  inner.readLeases = async () => ({ leases: [], position: "a.1.b", life: null, longestLease: 2450 });
  meet(() => Promise.reject(new Error("down")));
  await expect(longest.reckonWith(8500)).rejects.toThrow("down");
  expect(told).toEqual([9000, 8500]);
});

test("many who come at once tell it once, and each goes on only when it knows", async () => {
  const { longest, told, inner, hold } = stage();
  const release = hold();
  let through = 0;
  const all = Array.from({ length: 20 }, async (_, i) => {
    await longest.reckonWith(9000 - i);
    through += 1;
  });
  await new Promise((done) => setTimeout(done, 20));
  expect({ told, through }).toEqual({ told: [9000], through: 0 });
  release();
  await Promise.all(all);
  expect((await inner.readLeases(null)).longestLease).toBe(9000);
});

test("a store that cannot be told stops who wants more, not who has what it knows", async () => {
  const { longest, told, pass, meet } = stage();
  await longest.reckonWith(9000);
  meet(() => Promise.reject(new Error("read only")));
  pass(hour);
  await longest.reckonWith(9000);
  await expect(longest.reckonWith(20_000)).rejects.toThrow("read only");
  await expect(longest.reckonWith(20_000)).rejects.toThrow("read only");
  meet(async () => undefined);
  await longest.reckonWith(9000);
  expect(told.slice(0, -1), "tried, and not for an hour").toEqual([9000, 9000, 20_000, 20_000]);
  expect(told.at(-1), "said again as soon as somebody comes").toBe(9000);
});

test("what the store knows of an earlier process is not written again before somebody comes once more", async () => {
  const { longest, told, inner, meet } = stage();
  await inner.declareLongest({ life: 900_000, lease: 66_250 });
  meet(() => new Promise(() => undefined));
  await longest.reckonWith(66_250);
  expect(told).toEqual([]);
  await longest.reckonWith(66_250);
  expect(told).toEqual([66_250]);
});

test("another copy of the store is asked anew", async () => {
  const { longest, told } = stage();
  await longest.reckonWith(9000);
  longest.doubt();
  await longest.reckonWith(9000);
  expect(told, "it knew").toEqual([9000]);
  await longest.reckonWith(9000);
  expect(told).toEqual([9000, 9000]);
});
