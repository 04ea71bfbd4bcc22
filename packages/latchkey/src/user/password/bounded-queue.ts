import { LatchkeyError } from "../../errors.ts";

/** Runs work with a limit on how much of it runs at once. */
export interface BoundedQueue {
  <T>(work: () => Promise<T>): Promise<T>;
  load(): { readonly running: number; readonly waiting: number };
}

/** Limits of {@link boundedQueue}. */
export interface QueueLimits {
  /** Most that run at once. */
  readonly running: number;
  /** Most that wait behind them. */
  readonly waiting: number;
  /** Milliseconds that one waits at most. */
  readonly patience: number;
}

/**
 * First come, first served. Who finds the line full is turned away at once, and who has waited too long then: the
 * work is not begun, since nobody waits for its result any more.
 *
 * @throws LatchkeyError `busy` (by the promise) in both cases.
 */
export function boundedQueue({ running, waiting, patience }: QueueLimits): BoundedQueue {
  const line: (() => void)[] = [];
  let active = 0;
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (active >= running) {
      if (line.length >= waiting) throw new LatchkeyError("busy", `${waiting} already wait to be hashed`);
      // Whoever leaves hands its place over: `active` stays as it is.
      await turnIn(line, patience);
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
  return Object.assign(run, { load: () => ({ running: active, waiting: line.length }) });
}

/** Waits in the line, and leaves it if nobody has called after so many milliseconds. */
function turnIn(line: (() => void)[], patience: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const begin = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      line.splice(line.indexOf(begin), 1);
      reject(new LatchkeyError("busy", `a password waited ${patience} ms to be hashed`));
    }, patience);
    line.push(begin);
  });
}
