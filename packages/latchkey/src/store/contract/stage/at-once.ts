import type { Store } from "../../../types.ts";

/** Starts `count` calls at once, by turns on both handles. */
export function atOnce<T>(
  count: number,
  handles: readonly [Store, Store],
  call: (store: Store, i: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => call(handles[i % 2 === 0 ? 0 : 1], i)));
}
