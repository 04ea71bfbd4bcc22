import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { CheckContext } from "../types.ts";
import type { Replica } from "./replica.ts";

/**
 * P36: where nothing runs in between, a check reads what is new: after the answer if there is time, else before it.
 * `maxStaleness` in milliseconds. A log that does not answer is no reason to fail: what is too old is seen by the check.
 */
export function keepUp(
  replica: Pick<Replica, "currency" | "refresh">,
  maxStaleness: number,
  context: CheckContext | undefined,
): MaybePromise<unknown> {
  const { currency } = replica;
  if (currency.isWithin(maxStaleness / 2)) return undefined;
  const reading = replica.refresh().catch(() => undefined);
  // By the question that the check asks after this: what is past is rounded up there.
  if (!currency.isWithin(maxStaleness) || context?.waitUntil === undefined) return reading;
  context.waitUntil(reading);
  return undefined;
}
