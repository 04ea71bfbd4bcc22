import { type ErrorCode, LatchkeyError } from "../../errors.ts";
import type { Authenticated, AuthResult, Stats, StrategyName } from "../../types.ts";

/** Bounds of the histogram of latencies, in milliseconds. */
const bounds: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

/** Counts what happens to checks; cheap enough to be always on. */
export interface Counters {
  /** A check that was answered from what is remembered. */
  hit(result: Authenticated): void;
  /** One that was not. `strategy`: null where it was refused before that was known. */
  miss(strategy: StrategyName | null, result: AuthResult): void;
  fault(error: unknown): void;
  /** A check found what is known too old. */
  stale(): void;
  /** What had been changed was heard of so much later, in milliseconds. */
  latency(milliseconds: number): void;
  reset(): void;
  read(): Pick<Stats, "checks" | "cache" | "stale" | "latency" | "resets"> & {
    readonly cache: { readonly hits: number; readonly misses: number };
  };
}

export function makeCounters(): Counters {
  const accepted: Record<StrategyName, number> = {
    session: 0,
    "session-live": 0,
    jwt: 0,
    "jwt-denylist": 0,
    "jwt-allowlist": 0,
    "jwt-live": 0,
  };
  const others = new Map<string, { strategy: StrategyName | null; outcome: ErrorCode; count: number }>();
  const buckets = bounds.map(() => 0);
  const latency = { count: 0, sum: 0 };
  let [misses, stale, resets] = [0, 0, 0];
  /** What is remembered is of these two. A count by name, whichever it is, takes a tenth of a warm check (measured). */
  let [liveSessions, liveJwts] = [0, 0];

  function count(strategy: StrategyName | null, outcome: ErrorCode): void {
    const key = `${strategy} ${outcome}`;
    const found = others.get(key);
    if (found === undefined) others.set(key, { strategy, outcome, count: 1 });
    else found.count += 1;
  }

  return {
    hit({ strategy }) {
      if (strategy === "jwt-live") liveJwts += 1;
      else liveSessions += 1;
    },
    miss(strategy, result) {
      misses += 1;
      if (result.ok) accepted[result.strategy] += 1;
      else count(strategy, result.code);
    },
    fault: (error) => count(null, error instanceof LatchkeyError ? error.code : "internal"),
    stale() {
      stale += 1;
    },
    latency(milliseconds) {
      latency.count += 1;
      latency.sum += milliseconds;
      const at = bounds.findIndex((bound) => milliseconds <= bound);
      if (at >= 0) buckets[at] = (buckets[at] ?? 0) + 1;
    },
    reset() {
      resets += 1;
    },
    read() {
      const names = Object.keys(accepted) as StrategyName[];
      const hits: Partial<Record<StrategyName, number>> = {
        "session-live": liveSessions,
        "jwt-live": liveJwts,
      };
      return {
        checks: [
          ...names.map((strategy) => ({
            ...{ strategy, outcome: "ok" as const },
            count: accepted[strategy] + (hits[strategy] ?? 0),
          })),
          ...[...others.values()].map((one) => ({ ...one })),
        ],
        cache: { hits: liveSessions + liveJwts, misses, size: 0 },
        ...{ stale, resets },
        latency: { ...latency, buckets: bounds.map((bound, i) => ({ bound, count: buckets[i] ?? 0 })) },
      };
    },
  };
}
