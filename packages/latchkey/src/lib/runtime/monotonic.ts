/** What is asked of a process. */
interface Ticking {
  readonly release?: { readonly name?: string };
  readonly hrtime: () => readonly [seconds: number, nanoseconds: number];
}

/**
 * A clock that never goes back, in milliseconds. In Node `process.hrtime()`, which is what `performance.now()` gives there:
 * that asks first whom it was called on, and takes half as long again (measured). Elsewhere `performance.now()`: what stands
 * in for `hrtime` may be the wall clock (unenv), or throw (Next's edge runtime), and is not called Node.
 */
export function makeMonotonic(
  process: Ticking | undefined,
  performance: Pick<Performance, "now">,
): () => number {
  if (process?.release?.name !== "node") return () => performance.now();
  // As it is now: `process` has so many members that each search for one takes a while.
  const { hrtime } = process;
  return () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  };
}
