import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeWaitingLine } from "../../../packages/latchkey/src/store/sqlite/waiting/waiting-line.ts";

/** The lock that somebody else may hold. */
let held = false;
let attempts = 0;

beforeEach(() => {
  held = false;
  attempts = 0;
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function work<T>(result: T): () => T {
  return () => {
    attempts += 1;
    if (held) throw Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
    return result;
  };
}

/** What became of a promise so far. */
function watch(promise: Promise<unknown>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: "waiting" };
  promise.then(
    (value) => {
      seen.outcome = value;
    },
    (error) => {
      seen.outcome = error.code;
    },
  );
  return seen;
}

test("an attempt that meets no lock is made at once", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  const answer = line.run(work("done"));
  expect(attempts).toBe(1);
  expect(await answer).toBe("done");
});

test("any other error is passed on, and not tried again", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  const full = line.run(() => {
    throw new Error("full");
  });
  await expect(full).rejects.toThrow("full");
  expect(vi.getTimerCount()).toBe(0);
});

test("who finds the lock held for the limit is told so, and is not tried again", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  held = true;
  const seen = watch(line.run(work("late")));
  await vi.advanceTimersByTimeAsync(149);
  expect(seen.outcome).toBe("waiting");
  await vi.advanceTimersByTimeAsync(10);
  expect(seen.outcome).toBe("cannot_tell");
  const before = attempts;
  held = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(attempts).toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});

test("a thousand who wait ask no more often than one, and are served in their order", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  held = true;
  const order: number[] = [];
  for (let i = 0; i < 1000; i++) void line.run(work(i)).then((it) => order.push(it));
  await vi.advanceTimersByTimeAsync(100);
  expect(attempts).toBeLessThan(102);
  held = false;
  await vi.advanceTimersByTimeAsync(10);
  expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});

test("nobody overtakes those who wait", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  held = true;
  const order: string[] = [];
  void line.run(work("first")).then((it) => order.push(it));
  held = false;
  void line.run(work("second")).then((it) => order.push(it));
  await vi.advanceTimersByTimeAsync(10);
  expect(order).toEqual(["first", "second"]);
});

test("what was asked for too long ago is not attempted, whatever kept the process from it", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  held = true;
  const seen = watch(line.run(work("ghost")));
  held = false;
  // The process stands still: its clock goes on, its timers do not.
  const now = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now + 2001);
  await vi.advanceTimersByTimeAsync(10);
  clock.mockRestore();
  expect(seen.outcome).toBe("cannot_tell");
  expect(attempts).toBe(1);
});

test("without a limit to the stretch nobody waits for a turn", async () => {
  const line = makeWaitingLine("app.db", { locked: 150 });
  for (let i = 0; i < 100; i++) void line.run(() => vi.setSystemTime(i));
  expect(vi.getTimerCount()).toBe(0);
});

test("after a stretch of work the next attempt leaves others a chance", async () => {
  const line = makeWaitingLine("app.db", { locked: 150, stretch: 10 });
  let now = 1000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const done: number[] = [];
  for (let i = 0; i < 8; i++) {
    void line.run(() => {
      now += 3;
      done.push(i);
    });
  }
  expect(done).toEqual([0, 1, 2, 3]);
  now += 2;
  await vi.advanceTimersByTimeAsync(3);
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  clock.mockRestore();
});
