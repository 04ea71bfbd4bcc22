// @ts-check
// Lets several servers be asked in turn, each for a few milliseconds, everything else standing still meanwhile: whatever
// the machine does besides happens to all of them.
import { readdirSync, readFileSync } from "node:fs";

/**
 * Of one server, one after the other, in milliseconds. The shorter, the more alike is what two of them meet: of two
 * servers of the same code, 20 ms leave half of the difference that 100 ms leave.
 */
const slice = 20;

/**
 * @typedef {object} Taken what one server did in its slices
 * @property {number} rate requests a second
 * @property {number} cpu microseconds of the server's processor time a request
 */

/**
 * @param {readonly import("./load.js").Asked[]} all
 * @param {number} cycles how often each one's turn comes
 * @returns {Promise<Taken[]>}
 */
export async function takeTurns(all, cycles) {
  const took = all.map(({ pid }) => ({ seconds: 0, before: cpuOf(pid) }));
  const order = all.map((_, i) => i);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const i of shuffled(order)) {
      const [one, sum] = [all[i], took[i]];
      if (one === undefined || sum === undefined) continue;
      const started = performance.now();
      one.goOn();
      await new Promise((next) => setTimeout(next, slice));
      one.halt();
      sum.seconds += (performance.now() - started) / 1000;
    }
  }
  // All halt, and what they used has been written down.
  const used = all.map(({ pid }, i) => cpuOf(pid) - (took[i]?.before ?? 0));
  return Promise.all(
    all.map(async (one, i) => {
      const done = await one.end();
      return { rate: done / (took[i]?.seconds ?? 0), cpu: (used[i] ?? 0) / 1000 / done };
    }),
  );
}

/** @template T @param {readonly T[]} all */
function shuffled(all) {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

/** Nanoseconds of processor time so far, of all threads. @param {number} pid */
function cpuOf(pid) {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ", 1)[0]);
  return sum;
}
