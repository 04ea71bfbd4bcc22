import type { Timeline } from "./timeline.ts";
import type { History, Operation, Promised } from "./types.ts";

/** How long a revocation took to be known on the slowest node, in milliseconds from its answer. */
export interface Latency {
  readonly milliseconds: number;
  readonly strategy: string;
  /** Whether the machinery was being broken meanwhile. */
  readonly quiet: boolean;
}

/** How much longer than the bound a node is watched, in milliseconds. */
const watched = 1000;

/** Of each revocation that was watched until every node refused; of nodes that could not tell all the time nothing is said. */
export function findLatencies(
  history: History,
  timeline: Timeline,
  { bound }: Pick<Promised, "bound">,
): readonly Latency[] {
  return history.operations.flatMap((end): Latency[] => {
    const session = end.ends?.what === "session" ? end.ends.session : undefined;
    if (end.watched !== true || end.outcome !== "done" || session === undefined) return [];
    const checks = timeline.with(session).filter((it) => it.kind === "check" && it.end > end.start);
    const strategy = checks[0]?.presented?.strategy ?? "";
    const allowed = bound(strategy);
    if (allowed === null) return [];
    const meanwhile = checks.filter((it) => it.start <= end.end + allowed + watched && isTelling(it));
    const nodes = [...new Set(meanwhile.map(({ node }) => node))];
    const times = nodes.map((node) =>
      timeOn(
        end,
        meanwhile.filter((it) => it.node === node),
      ),
    );
    if (times.length === 0) return [];
    const milliseconds = Math.max(...times);
    const until = end.end + milliseconds;
    const quiet = history.faults.every(
      (it) => it.start > until || (it.recovered ?? it.end) + 1000 < end.start,
    );
    return [{ milliseconds, strategy, quiet }];
  });
}

function isTelling({ outcome }: Operation): boolean {
  return outcome === "done" || outcome === "refused";
}

/** Until the answer of the first check that refused and was followed by none that accepted. */
function timeOn(end: Operation, checks: readonly Operation[]): number {
  const lastAccepted = Math.max(
    end.end,
    ...checks.filter(({ outcome }) => outcome === "done").map(({ start }) => start),
  );
  const refused = checks.filter((it) => it.outcome === "refused" && it.start >= lastAccepted);
  const first = Math.min(...refused.map((it) => it.end));
  return Number.isFinite(first) ? Math.max(0, first - end.end) : Number.POSITIVE_INFINITY;
}

/** The value below which so large a part of them lies. Not a number if there are none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
