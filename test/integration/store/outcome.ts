/** How a call has ended, and after how many milliseconds. */
export interface Outcome {
  readonly ms: number;
  /** `ok`, or the code of the error. */
  readonly code: unknown;
  readonly retryAfter?: unknown;
}

/** Waits for a call to end, well or not. */
export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  const started = performance.now();
  const { code, retryAfter } = await call.then(
    () => ({ code: "ok", retryAfter: undefined }),
    (error) => error,
  );
  return { ms: performance.now() - started, code, retryAfter };
}
