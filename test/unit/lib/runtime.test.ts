import { expect, test } from "vitest";
import { builtin } from "../../../packages/latchkey/src/lib/runtime/builtin.ts";
import { makeMonotonic } from "../../../packages/latchkey/src/lib/runtime/monotonic.ts";

const refuses = (): never => {
  throw new Error("is not supported in the Edge Runtime");
};

test.each([
  ["before 24", { release: process.release, versions: { node: "22.23.3" }, hrtime: process.hrtime }],
  ["at hand", process],
])("the clock of Node is the one of performance.now(): %s", async () => {
  const { monotonic: clock } = makeMonotonic(process, performance);
  const [own, theirs] = [clock(), performance.now()];
  await new Promise((next) => setTimeout(next, 40));
  const passed = clock() - own;
  expect(passed).toBeGreaterThan(30);
  expect(Math.abs(passed - (performance.now() - theirs))).toBeLessThan(25);
});

test("it has fractions of a millisecond, and never goes back", () => {
  const { monotonic: clock } = makeMonotonic(process, performance);
  const times = Array.from({ length: 1000 }, clock);
  expect(times.every((time, i) => time >= (times[i - 1] ?? 0))).toBe(true);
  expect(times.some((time) => !Number.isInteger(time))).toBe(true);
});

test("what has passed since is told in whole milliseconds, never less than it was", async () => {
  const { monotonic, elapsed } = makeMonotonic(process, performance);
  const since = monotonic();
  for (let i = 0; i < 20; i++) {
    const [before, passed, after] = [monotonic(), elapsed(since), monotonic()];
    expect(passed).toSatisfy(Number.isInteger);
    expect(passed).toBeGreaterThanOrEqual(before - since);
    expect(passed).toBeLessThan(after - since + 1);
    await new Promise((next) => setTimeout(next, 1));
  }
  expect(elapsed(Number.NEGATIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  ["there is no process", undefined],
  ["it throws (Next's edge runtime)", { hrtime: refuses }],
  ["in Node 24", { release: { name: "node" }, versions: { node: "24.0.0" }, hrtime: refuses }],
  ["it is the wall clock (unenv)", { release: {}, hrtime: () => [Date.now() / 1000, 0] as const }],
])("what stands in for Node's is not asked: %s", (_, process) => {
  const { monotonic, elapsed } = makeMonotonic(process, { now: () => 12.5 });
  expect(monotonic()).toBe(12.5);
  expect(elapsed(10)).toBe(3);
});

test("a module of Node's, where the runtime has it", () => {
  expect(builtin("node:buffer")?.Buffer).toBe(Buffer);
  expect(builtin("node:buffer", undefined)?.Buffer).toBe(Buffer);
});

test.each([
  ["an older one", {}],
  ["one that refuses (Next's edge runtime)", { getBuiltinModule: refuses }],
])("none, where the process is %s", (_, process) => {
  expect(builtin("node:crypto", process)).toBeUndefined();
});
