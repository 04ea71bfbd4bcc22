import { expireAfter } from "../../../lib/timing/expire.ts";

/** So much time for all that a call does, wherever it is waiting. */
export interface Limit {
  /** Milliseconds. */
  left(): number;
  /** Whether whoever called has been told that there is no answer. */
  over(): boolean;
  /** Called when the time is up: undoes what the call is waiting for at that moment. */
  tidy: () => void;
}

/**
 * Does the work within the time, or rejects with `late` and tidies up. What the work comes to afterwards is nobody's
 * any more.
 */
export function withLimit<T>(
  milliseconds: number,
  late: () => Error,
  work: (limit: Limit) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = performance.now() + milliseconds;
    let open = true;
    const limit: Limit = { left: () => end - performance.now(), over: () => !open, tidy: () => undefined };
    const expire = (): void => {
      if (!open) return;
      open = false;
      reject(late());
      limit.tidy();
    };
    const takeBack = expireAfter(milliseconds, expire);
    const settle = (): void => {
      open = false;
      takeBack();
    };
    work(limit).then(resolve, reject).finally(settle);
  });
}
