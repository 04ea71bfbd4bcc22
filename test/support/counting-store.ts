import type { Store } from "latchkey";

/** A store, and the names of the methods called on it. */
export interface CountingStore {
  readonly store: Store;
  /** In order; a test may empty it. */
  readonly calls: string[];
}

/** Notes each call on its way to the store. Looking at a method is no call. */
export function countingStore(inner: Store): CountingStore {
  const calls: string[] = [];
  const store = new Proxy(inner, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...input: unknown[]): unknown => {
        calls.push(String(name));
        return Reflect.apply(method, target, input);
      };
    },
  });
  return { store, calls };
}
