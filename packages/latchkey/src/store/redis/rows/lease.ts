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

/** The lease as others see it at that moment who ask for a change (`target`) and know the newest (`head`). */
export function toLease(
  [id, counter, n, node, duration, accepts, at]: LeaseRow,
  { target, head, now }: { readonly target: number; readonly head: number; readonly now: number },
): Lease {
  const reached = n !== null && n >= target;
  const standing = { reached, behind: Math.max(head - (n ?? 0), 0), age: now - at };
  return { id, counter, node, duration, accepts: accepts === 1, ...standing };
}
