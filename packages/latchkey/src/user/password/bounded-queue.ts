import { LatchkeyError } from "../../errors.ts";

/** Runs work with a limit on how much of it runs at once. */
export type BoundedQueue = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * At most `running` at once and `waiting` behind them, first come first served; more is turned away at once.
 *
 * @throws LatchkeyError `busy` (by the promise) when the queue is full.
 */
export function boundedQueue(running: number, waiting: number): BoundedQueue {
  const line: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active >= running) {
      if (line.length >= waiting) throw new LatchkeyError("busy", `${waiting} already wait to be hashed`);
      // Whoever leaves hands its place over: `active` stays as it is.
      await new Promise<void>((resolve) => line.push(resolve));
    } else {
      active++;
    }
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) active--;
      else next();
    }
  };
}
