/** Lets some wait until others say that something happened. */
export interface Wake {
  /** Resolves when woken, when the time (milliseconds) is up, or when the signal says so; at the earliest later on. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Wakes all who wait now. */
  wake(): void;
}

/** Nobody waits yet. Its timers keep no process alive. */
export function makeWake(): Wake {
  const waiting = new Set<() => void>();
  return {
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          waiting.delete(done);
          resolve();
        };
        const timer = unref(setTimeout(done, milliseconds));
        waiting.add(done);
        signal?.addEventListener("abort", done);
        if (signal?.aborted === true) done();
      }),
    wake: () => {
      for (const done of [...waiting]) done();
    },
  };
}

/** A timer that does not keep the process alive, where the runtime knows such. */
export function unref<Timer>(timer: Timer): Timer {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
  return timer;
}
