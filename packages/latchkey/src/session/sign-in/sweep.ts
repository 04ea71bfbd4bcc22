import type { StrategyContext } from "../../strategy/strategy.ts";
import type { Store } from "../../types.ts";

/**
 * How often, and how long after their end, rows are removed: milliseconds. An ended session stays longer than any
 * access token lives: a denylist reads it.
 */
const interval = 3_600_000;
const age = 2 * 86_400_000;
/** Rows removed at once, so that no sweep holds the store for long. */
const batch = 1000;

/** Removes sessions that ended days ago, off the path of whoever signs in, at most once an hour. */
export function makeSweep({ store, clock, background }: StrategyContext): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock();
    if (now - last < interval) return;
    last = now;
    background(sweepAll(store), "purging ended sessions");
  };
}

/** Batch by batch, so that others get their turn, until one comes back short. */
async function sweepAll(store: Store): Promise<void> {
  while ((await store.purgeSessions(age, batch)) >= batch) await new Promise((next) => setTimeout(next, 0));
}
