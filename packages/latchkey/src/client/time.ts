/** Milliseconds that have passed since some moment. A device whose clock is wrong, or set anew, does not matter. */
export function now(): number {
  return performance.now();
}

/** Resolves after as many milliseconds, or when the signal says so. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}

/** What comes of the work, or undefined as soon as the signal says that nobody waits for it any more. */
export function unlessAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal | null | undefined,
): Promise<Value | undefined> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Ever longer from one second to half a minute, and never the same for two who began together. */
export function backoff(attempt: number): number {
  return Math.min(30_000, 1000 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/** A timer or channel that does not keep the process alive, where the runtime knows such. */
export function unref<Handle>(handle: Handle): Handle {
  (handle as { unref?: () => void }).unref?.();
  return handle;
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

/** Whoever wants it while it is under way gets what the others get. */
export function shared<Args extends unknown[], Value>(
  act: (...args: Args) => Promise<Value>,
): (...args: Args) => Promise<Value> {
  let flight: Promise<Value> | undefined;
  return (...args) => {
    flight ??= act(...args).finally(() => {
      flight = undefined;
    });
    return flight;
  };
}
