import { LatchkeyError } from "../errors.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { randomToken } from "../lib/crypto/random.ts";
import { makeWake } from "../lib/timing/wake.ts";
import type { Store } from "../types.ts";
import { commit } from "./memory/changes/log.ts";
import { allMethods } from "./memory/methods/all.ts";
import { makeTables, type Run } from "./memory/tables.ts";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Default: the system's. For tests. */
  readonly clock?: Clock;
}

/**
 * A store for one process and for tests: everything is gone when the process ends.
 * Each method is one synchronous step, so that no other call sees half of it.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const clock = options.clock ?? systemClock;
  const tables = makeTables();
  const wake = makeWake();
  let closed = false;

  // `async` turns what a step throws into a rejection; the step itself holds no `await`.
  const run: Run = async (step) => {
    if (closed) throw new LatchkeyError("cannot_tell", "the memory store is closed");
    const now = clock();
    tables.log.life ||= randomToken(16);
    const { head } = tables.log;
    try {
      return step(tables, now);
    } finally {
      tables.told.tell(commit(tables, now), now);
      if (tables.log.head > head) wake.wake();
    }
  };

  return {
    start: () => run(() => undefined),
    close: async () => {
      closed = true;
      wake.wake();
    },
    ...allMethods(run, wake),
    listen: tables.told.listen,
  };
}
