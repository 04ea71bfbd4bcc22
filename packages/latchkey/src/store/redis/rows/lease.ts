import type { Lease } from "../../../types.ts";

/** The members of a lease in the order in which a row holds them. `accepts` is 0 or 1. */
export const leaseFields = ["id", "counter", "n", "node", "duration", "accepts", "at"] as const;

/** A row as scripts answer it. */
export type LeaseRow = readonly [
  id: string,
  counter: number,
  /** The entry up to which the node has applied the log; null: of another life of the store. */
  n: number | null,
  node: string,
  duration: number,
  accepts: 0 | 1,
  at: number,
];

/** The lease as others see it who ask for a change and know the newest. */
export function toLease(
  [id, counter, n, node, duration, accepts]: LeaseRow,
  target: number,
  head: number,
): Lease {
  const standing = { reached: n !== null && n >= target, behind: Math.max(head - (n ?? 0), 0) };
  return { id, counter, node, duration, accepts: accepts === 1, ...standing };
}
