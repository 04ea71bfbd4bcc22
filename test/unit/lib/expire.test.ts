import { stat } from "node:fs";
import { expect, test } from "vitest";
import { expireAfter } from "../../../packages/latchkey/src/lib/timing/expire.ts";

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("an answer that came while the process did something else is not late", async () => {
  const answer = new Promise((resolve) => stat(".", () => resolve("answer")));
  const late = new Promise((resolve) => expireAfter(20, () => resolve("late")));
  block(100);
  expect(await Promise.race([answer, late])).toBe("answer");
});

test("without an answer the time is up, a moment later at the most", async () => {
  const started = performance.now();
  const late = new Promise((resolve) => expireAfter(20, () => resolve("late")));
  block(100);
  expect(await late).toBe("late");
  expect(performance.now() - started).toBeLessThan(250);
});

test("taken back, it never comes", async () => {
  let came = false;
  const takeBack = expireAfter(5, () => {
    came = true;
  });
  takeBack();
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(came).toBe(false);
});
