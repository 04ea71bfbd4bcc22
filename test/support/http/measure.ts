/**
 * Measures until the result is good, at most so many times, and gives the last result. What is slow by design is
 * slow every time; what a busy machine held up is not.
 */
export async function measureUntil<Result>(
  times: number,
  isGood: (result: Result) => boolean,
  measure: () => Promise<Result>,
): Promise<Result> {
  const result = await measure();
  return times <= 1 || isGood(result) ? result : measureUntil(times - 1, isGood, measure);
}

/** The time that work takes, in ms, with its result. */
export async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly ms: number }> {
  const started = performance.now();
  const result = await work();
  return { result, ms: performance.now() - started };
}

/** The middle one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
