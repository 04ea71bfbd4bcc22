// @ts-check

/**
 * Bytes on the heap that an operation makes beyond those of its fresh string. Needs `--expose-gc`, and room for all that
 * is made between two collections (`--max-semi-space-size`).
 *
 * @param {readonly (readonly [name: string, run: () => unknown])[]} cases
 * @param {readonly [() => unknown]} string
 */
export async function allocations(cases, [string]) {
  const measured = cases.map(([name, run]) => `${name} ${Math.round(bytesOf(run) - textOf(run, string))}`);
  return `Bytes on the heap for a warm check, its header's string taken off: ${measured.join(", ")}.`;
}

const count = 20_000;

/** @param {() => unknown} run */
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
