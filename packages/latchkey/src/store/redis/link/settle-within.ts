import { LatchkeyError } from "../../../errors.ts";

/** What happens when the time is up, or the work fails before. */
interface Lateness {
  /** The error to reject with. */
  readonly onLate?: () => Error;
  /** Whether a failure is told only when the time is up. */
  readonly holdsBack?: () => boolean;
}

/**
 * Settles as the work does, or rejects when the time (ms) is up. An answer that has arrived by then counts, also if
 * this process was too busy to read it.
 */
export function settleWithin<T>(limit: number, work: Promise<T>, lateness: Lateness = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const expire = (): void => {
      const late = lateness.onLate?.() ?? new LatchkeyError("cannot_tell", `no answer within ${limit} ms`);
      reject(failure ?? late);
    };
    // Sockets are read between a timer and an immediate.
    let immediate: ReturnType<typeof setImmediate> | undefined;
    const timer = setTimeout(() => {
      immediate = setImmediate(expire);
    }, limit);
    const clear = (): void => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
    work.then(
      (value) => {
        clear();
        resolve(value);
      },
      (error: Error) => {
        failure = error;
        if (lateness.holdsBack?.() === true) return;
        clear();
        reject(error);
      },
    );
  });
}
