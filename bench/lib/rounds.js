// @ts-check
// Runs cases round by round, so that whatever the machine does meanwhile happens to all of them.

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {() => unknown} run one operation; awaited if it gives a promise
 */

/**
 * The processor's time counts, of all threads of this process: on a busy machine the clock on the wall counts the work of
 * others too.
 *
 * @typedef {{ cpu: number, wall: number }} Sample microseconds an operation
 */

/**
 * @param {readonly Case[]} cases
 * @param {{ rounds: number, milliseconds: number }} size how long a case takes in a round, about
 * @returns {Promise<Map<string, Sample[]>>} one sample a round
 */
export async function measure(cases, { rounds, milliseconds }) {
  const results = new Map(cases.map(({ name }) => [name, /** @type {Sample[]} */ ([])]));
  const counts = new Map();
  for (const { name, run } of cases) counts.set(name, await countFor(run, milliseconds));
  for (const { name, run } of cases) await sample(run, Math.ceil((counts.get(name) * warmUp) / milliseconds));
  for (let round = 0; round < rounds; round++) {
    // Every other round goes backwards: no case always follows the same one.
    const order = round % 2 === 0 ? cases : [...cases].reverse();
    for (const { name, run } of order) results.get(name)?.push(await sample(run, counts.get(name)));
  }
  return results;
}

/** Milliseconds for which each runs once all have run: what they share has to be compiled anew by then. */
const warmUp = 200;

/** Warms up, and finds how often an operation fits into the time. */
async function countFor(/** @type {() => unknown} */ run, /** @type {number} */ milliseconds) {
  let count = 8;
  for (let doubled = 0; doubled < 16; doubled++) {
    const { cpu, wall } = await sample(run, count);
    if (cpu * count > milliseconds * 500 || wall * count > milliseconds * 2000) {
      await sample(run, count);
      return Math.max(20, Math.ceil((milliseconds * 1000) / Math.max(cpu, wall / 4)));
    }
    count *= 2;
  }
  return count;
}

/**
 * Sequentially. What answers at once is not awaited: that is how an application would call it.
 *
 * @param {() => unknown} run
 * @param {number} count
 * @returns {Promise<Sample>}
 */
async function sample(run, count) {
  // Whatever waits to be done, such as reading what was revoked, is done before and not meanwhile.
  await new Promise((next) => setTimeout(next, 2));
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  for (let done = 0; done < count; done++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  const used = process.cpuUsage(cpu);
  return {
    cpu: (used.user + used.system) / count,
    wall: ((performance.now() - started) * 1000) / count,
  };
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** The value below which a share of the numbers lies. */
export function quantile(/** @type {readonly number[]} */ numbers, /** @type {number} */ share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Of each round that both have the one number divided by the other. */
export function ratios(/** @type {readonly number[]} */ of, /** @type {readonly number[]} */ to) {
  return of.map((one, i) => one / (to[i] ?? Number.NaN)).filter(Number.isFinite);
}

/** The median of these. */
export function ratio(/** @type {readonly number[]} */ of, /** @type {readonly number[]} */ to) {
  return median(ratios(of, to));
}
