import type { Store } from "../types.ts";
import type { Background, StrategyContext } from "./strategy.ts";

/** How often `lastSeenAt` is written at most, in milliseconds; more often only where a short idle limit needs it. */
const touchInterval = 60_000;
/** How long nothing is written after the store refused, in milliseconds: a busy store is not asked once a check. */
const pause = 5_000;

/** Remembers what is being written, so that a storm of checks is one write. */
export function makeTouch(store: Store, background: Background): StrategyContext["touch"] {
  const writing = new Set<string>();
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return ({ id, idleTimeout, lastSeenAt }, now) => {
    const interval = Math.min(touchInterval, ((idleTimeout ?? Number.POSITIVE_INFINITY) * 1000) / 4);
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
