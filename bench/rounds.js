// @ts-check
// Runs cases round by round, so that whatever the machine does meanwhile happens to all of them.

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} [floor] the case that this one is measured against
 * @property {() => unknown} run one operation; awaited if it gives a promise
 */

/**
 * @param {readonly Case[]} cases
 * @param {{ rounds: number, operations: number }} size
 * @returns {Promise<Map<string, number[]>>} microseconds an operation, one number a round
 */
export async function measure(cases, { rounds, operations }) {
  const results = new Map(cases.map(({ name }) => [name, /** @type {number[]} */ ([])]));
  for (let round = -1; round < rounds; round++) {
    // Every other round goes backwards: no case always follows the same one.
    const order = round % 2 === 0 ? cases : [...cases].reverse();
    for (const { name, run } of order) {
      const started = process.hrtime.bigint();
      await repeat(run, operations);
      const elapsed = Number(process.hrtime.bigint() - started) / 1000 / operations;
      // Round -1 warms up.
      if (round >= 0) results.get(name)?.push(elapsed);
    }
  }
  return results;
}

/**
 * Sequentially. What answers at once is not awaited: that is how an application would call it.
 *
 * @param {() => unknown} run
 * @param {number} operations
 */
async function repeat(run, operations) {
  for (let done = 0; done < operations; done++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
