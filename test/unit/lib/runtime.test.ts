import { expect, test } from "vitest";
import { builtin } from "../../../packages/latchkey/src/lib/runtime/builtin.ts";
import { makeMonotonic } from "../../../packages/latchkey/src/lib/runtime/monotonic.ts";

const refuses = (): never => {
  throw new Error("is not supported in the Edge Runtime");
};

test("the clock of Node is the one of performance.now()", async () => {
  const clock = makeMonotonic(process, performance);
  const [own, theirs] = [clock(), performance.now()];
  await new Promise((next) => setTimeout(next, 40));
  const passed = clock() - own;
  expect(passed).toBeGreaterThan(30);
  expect(Math.abs(passed - (performance.now() - theirs))).toBeLessThan(25);
});

test("it has fractions of a millisecond, and never goes back", () => {
  const clock = makeMonotonic(process, performance);
  const times = Array.from({ length: 1000 }, clock);
  expect(times.every((time, i) => time >= (times[i - 1] ?? 0))).toBe(true);
  expect(times.some((time) => !Number.isInteger(time))).toBe(true);
});

test.each([
  ["there is no process", undefined],
  ["it throws (Next's edge runtime)", { hrtime: refuses }],
  ["it is the wall clock (unenv)", { release: {}, hrtime: () => [Date.now() / 1000, 0] as const }],
])("what stands in for Node's is not asked: %s", (_, process) => {
  const clock = makeMonotonic(process, { now: () => 12.5 });
  expect(clock()).toBe(12.5);
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
