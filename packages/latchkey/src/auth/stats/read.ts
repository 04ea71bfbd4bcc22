import type { MaybePromise } from "../../lib/maybe-promise.ts";
import type { Stats } from "../../types.ts";
import type { Core } from "../core.ts";

/** What has happened in this process, from wherever it is counted. */
export function readStats({ following, hasher }: Core): Stats {
  const { counters, cache, replica, watchers } = following;
  const { cache: looked, ...counted } = counters.read();
  const age = replica.currency.age();
  return {
    ...counted,
    cache: { ...looked, size: cache.size },
    replica: { age: Number.isFinite(age) ? Math.round(age) : null, ...replica.knowledge.sizes },
    watched: watchers.size,
    hashing: hasher.load?.() ?? null,
  };
}

/** Counts the checks that could not tell, whether they throw at once or later. */
export function countingFaults<Result>(
  { following: { counters } }: Core,
  check: () => MaybePromise<Result>,
): MaybePromise<Result> {
  const note = (error: unknown): never => {
    counters.fault(error);
    throw error;
  };
  try {
    const result = check();
    return result instanceof Promise ? result.catch(note) : result;
  } catch (error) {
    return note(error);
  }
}
