import { unref } from "../lib/timing/wake.ts";

/** Milliseconds that have passed since some moment. A device whose clock is wrong, or set anew, does not matter. */
export function now(): number {
  return performance.now();
}

/** Resolves after as many milliseconds, or when the signal says so. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => resolve());
  });
}

/** Ever longer from one second to half a minute, and never the same for two who began together. */
export function backoff(attempt: number): number {
  return Math.min(30_000, 1000 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/** One timer; setting it anew takes back what was set before. */
export function makeTimer(): (milliseconds?: number, act?: () => void) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (milliseconds, act) => {
    clearTimeout(timer);
    if (milliseconds !== undefined && act)
      timer = unref(setTimeout(act, Math.min(milliseconds, 2 ** 31 - 1)));
  };
}
