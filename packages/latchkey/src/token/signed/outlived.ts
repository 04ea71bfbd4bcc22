import { type NamedKey, readKeyName } from "./jws.ts";
import { readTimes } from "./times.ts";

/**
 * The key that a JWT of ours names, if it says itself that it has expired: as keys go once their last token has, it may
 * be of one that is gone. Nothing of it is proven.
 */
export function readExpired(token: string, now: number): NamedKey | undefined {
  const named = readKeyName(token);
  const times = named && readTimes(token);
  return times !== undefined && times.exp * 1000 <= now ? named : undefined;
}
