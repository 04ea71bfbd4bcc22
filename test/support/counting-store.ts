import type { Store } from "latchkey";

/** A store, and the names of the methods called on it. */
export interface CountingStore {
  readonly store: Store;
  /** In order; a test may empty it. */
  readonly calls: string[];
}

/** Notes each call on its way to the store. */
export function countingStore(store: Store): CountingStore {
  const calls: string[] = [];
  const counting = new Proxy(store, {
    get(target, name) {
      calls.push(String(name));
      return Reflect.get(target, name);
    },
  });
  return { store: counting, calls };
}
