import type { Store } from "latchkey";

export type StoreMethod = keyof Store;

/** What a broken store does in place of answering. */
export type Fault = (method: StoreMethod) => Promise<never>;

/** A store that tells what was asked of it, and breaks on command. */
export interface StoreSpy {
  readonly store: Store;
  /** Every call since the last `forget`, in order. */
  calls(): readonly StoreMethod[];
  /** Those of them that can change something. */
  writes(): readonly StoreMethod[];
  forget(): void;
  /** From now on every method, or those named, do this; undefined: all answer again. */
  breakWith(fault: Fault | undefined, methods?: readonly StoreMethod[]): void;
}

const reads: ReadonlySet<StoreMethod> = new Set([
  "start",
  "close",
  "listKeys",
  "findUser",
  "hasRole",
  "readSession",
  "listSessions",
]);

export function spyOnStore(inner: Store): StoreSpy {
  let calls: StoreMethod[] = [];
  let broken: Fault | undefined;
  let which: readonly StoreMethod[] | undefined;
  const store = new Proxy(inner, {
    get(target, name: StoreMethod) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => {
        calls.push(name);
        const isBroken = which?.includes(name) ?? name !== "close";
        return broken !== undefined && isBroken ? broken(name) : Reflect.apply(method, target, given);
      };
    },
  });
  return {
    store,
    calls: () => calls,
    writes: () => calls.filter((name) => !reads.has(name)),
    forget() {
      calls = [];
    },
    breakWith(fault, methods) {
      broken = fault;
      which = methods;
    },
  };
}
