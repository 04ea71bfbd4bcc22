import type { Timeline } from "../timeline.ts";
import {
  briskly,
  type History,
  type Operation,
  type Promised,
  type Stall,
  type Violation,
} from "../types.ts";

/**
 * H: a check that was answered later than promised, anything that was not answered at all, and any answer that tells of a
 * defect. Not counted: what was sent to a node that was itself stopped, dead or on its way back up; and of a check's time
 * that for which its node did not answer a bare request either. A node that does not answer those in time counts by
 * itself, but for the time in which it, the harness, or the process that does nothing, waited for a processor.
 */
export function findSlow(history: History, timeline: Timeline, { answer }: Promised): Violation[] {
  const stallsOf = makeStalls(history);
  return history.operations.flatMap((operation): Violation[] => {
    if (timeline.wasDown(operation)) return [];
    const found = (why: string): Violation[] => {
      const where = `${operation.name} on node ${operation.node}`;
      return [{ kind: "H", at: operation.end, why: `${where} ${why}`, operations: [operation] }];
    };
    const { kind, outcome, status, code } = operation;
    if (outcome === "unanswered") {
      const waited = Math.round(operation.end - operation.start);
      return code === "cut" ? [] : found(`had no answer after ${waited} ms (${code})`);
    }
    if (outcome === "unavailable" && status !== 503) return found(`was answered ${status} ${code}`);
    if (kind !== "check" && kind !== "bare") return [];
    const took = timeOf(operation, stallsOf(operation)) - (operation.starved ?? 0);
    return took <= answer ? [] : found(`was answered after ${Math.round(took)} ms`);
  });
}

/** Between two bare requests nobody knows; what is held up in one was so in the pause before it. Milliseconds. */
const gap = 30;

/** What is not counted of an operation's time. */
export function makeStalls({ operations, stalls }: History): (operation: Operation) => readonly Stall[] {
  const ofNode = new Map<number, Stall[]>();
  for (const { kind, node, start, end } of operations) {
    const list = ofNode.get(node) ?? [...stalls];
    ofNode.set(node, list);
    if (kind === "bare" && end - start > briskly) list.push({ from: start - gap, to: end });
  }
  const byStart = (a: Stall, b: Stall): number => a.from - b.from;
  const sorted = new Map([...ofNode].map(([node, list]) => [node, list.sort(byStart)] as const));
  const common = [...stalls].sort(byStart);
  return ({ kind, node }) => (kind === "bare" ? common : (sorted.get(node) ?? common));
}

/** How long an operation took, but for the stalls, which are sorted. */
export function timeOf({ start, end }: Operation, stalls: readonly Stall[]): number {
  let lost = 0;
  let counted = start;
  for (const { from, to } of stalls) {
    if (from >= end) break;
    if (to <= counted) continue;
    const since = Math.max(from, counted);
    counted = Math.min(to, end);
    lost += counted - since;
  }
  return end - start - lost;
}
