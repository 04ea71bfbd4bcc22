import type { Store } from "latchkey";

export type StoreMethod = keyof Store;

/** What a broken store does in place of answering. */
export type Fault = (method: StoreMethod) => Promise<never>;

/** A store that tells what was asked of it, and breaks on command. */
export interface StoreSpy {
  readonly store: Store;
  /** Every call since the last `forget`, in order, but for those of following the change log. */
  calls(): readonly StoreMethod[];
  /** Those of them that can change something. */
  writes(): readonly StoreMethod[];
  forget(): void;
  /** Resolves once every call has its answer, also those that nobody waits for. */
  settled(): Promise<void>;
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
  "listUsers",
  "listAudit",
]);

/** What goes on beside all requests: whoever follows the change log does so all the time. */
const following: ReadonlySet<StoreMethod> = new Set([
  "readChanges",
  "declareLongest",
  "trimChanges",
  "dropLease",
  "listen",
]);

export function spyOnStore(inner: Store): StoreSpy {
  let calls: StoreMethod[] = [];
  const pending = new Set<unknown>();
  let broken: Fault | undefined;
  let which: readonly StoreMethod[] | undefined;
  const store = new Proxy(inner, {
    get(target, name: StoreMethod) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => {
        if (!following.has(name)) calls.push(name);
        const isBroken = which?.includes(name) ?? name !== "close";
        if (broken !== undefined && isBroken) return broken(name);
        const answer: unknown = Reflect.apply(method, target, given);
        if (!following.has(name)) pending.add(answer);
        const done = (): void => void pending.delete(answer);
        Promise.resolve(answer).then(done, done);
        return answer;
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
    async settled() {
      while (pending.size > 0) await Promise.allSettled(pending);
    },
    breakWith(fault, methods) {
      broken = fault;
      which = methods;
    },
  };
}
