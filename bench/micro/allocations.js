// @ts-check

const count = 20_000;

/**
 * Bytes on the heap that an operation makes. Needs `--expose-gc`, and room for all that is made between two collections
 * (`--min-semi-space-size`).
 *
 * @param {() => unknown} run
 */
export function bytesOf(run) {
  for (let i = 0; i < count; i++) run();
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("run with --expose-gc");
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < count; i++) run();
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / count);
  }
  return least;
}

/** What the wall clock makes, which a check must read: the engine puts what it says on the heap. */
export function bytesOfWallClock() {
  let reached = 0;
  return bytesOf(() => {
    if (Date.now() > reached) reached = 1;
  });
}
