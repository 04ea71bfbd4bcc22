import type { Store } from "../types.ts";
import type { Background, StrategyContext } from "./strategy.ts";

/** How often `lastSeenAt` is written at most, in milliseconds; more often only where a short idle limit needs it. */
const usual = 60_000;
/** How long nothing is written after the store refused, in milliseconds: a busy store is not asked once a check. */
const pause = 5_000;

/** How often the use of a session is written, by its idle limit (seconds). Milliseconds. */
export function touchInterval(idleTimeout: number | null): number {
  return Math.min(usual, ((idleTimeout ?? Number.POSITIVE_INFINITY) * 1000) / 4);
}

/** Remembers what is being written, so that a storm of checks is one write. */
export function makeTouch(store: Store, background: Background): StrategyContext["touch"] {
  const writing = new Set<string>();
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return ({ id, idleTimeout, lastSeenAt }, now) => {
    const interval = touchInterval(idleTimeout);
    if (now - lastSeenAt < interval || now < pausedUntil || writing.has(id)) return;
    writing.add(id);
    const done = (): void => void writing.delete(id);
    const work = store.touchSession(id, interval).catch((error: unknown) => {
      pausedUntil = now + pause;
      throw error;
    });
    background(work.finally(done), "writing lastSeenAt");
  };
}
