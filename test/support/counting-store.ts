import type { Store } from "latchkey";

/** A store, and the names of the methods called on it. */
export interface CountingStore {
  readonly store: Store;
  /** In order; a test may empty it. */
  readonly calls: string[];
}

/** What goes on beside the checks and the verbs: whoever follows the change log does so all the time. */
const following: ReadonlySet<unknown> = new Set([
  "readChanges",
  "declareLongest",
  "trimChanges",
  "dropLease",
  "listen",
]);

/** A store that never says what has changed: its process knows only what it reads for a check. */
export function deafStore(inner: Store): Store {
  return { ...inner, readChanges: () => new Promise(() => undefined), listen: () => () => undefined };
}

/** Notes each call on its way to the store, but for those of following. Looking at a method is no call. */
export function countingStore(inner: Store): CountingStore {
  const calls: string[] = [];
  const store = new Proxy(inner, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...input: unknown[]): unknown => {
        if (!following.has(name)) calls.push(String(name));
        return Reflect.apply(method, target, input);
      };
    },
  });
  return { store, calls };
}
