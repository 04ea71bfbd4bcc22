import { z } from "zod";
import { misuse } from "../errors.ts";
import { type AddressRange, parseRange } from "../lib/net/address.ts";
import type { LatchkeyOptions, RateLimits, Settings } from "../types.ts";

const day = 86_400;
/** A limiter in memory holds a timer per key, and a timer runs for 24 days at most. */
const window = z
  .number()
  .int()
  .positive()
  .max(20 * day);
const count = z.number().int().positive().max(1_000_000);

/** null: switched off. */
type Checked = (Omit<RateLimits, "limiter"> & { readonly limiter?: unknown }) | null;

/** `rateLimit`. Its `limiter` is checked by its type alone. Not a union: that could not name the member at fault. */
export const rateLimitShape: z.ZodType<Checked> = z.preprocess(
  (given) => (given === false ? null : (given ?? {})),
  z
    .strictObject({
      perAccount: z
        .strictObject({
          attempts: count.max(100).default(10),
          firstPause: window.default(30),
          longestPause: window.default(900),
          memory: window.default(day),
        })
        .prefault({}),
      perIp: z
        .strictObject({
          window: window.default(900),
          failures: count.default(50),
          signUps: count.default(100),
          refreshes: count.default(9000),
        })
        .prefault({}),
      limiter: z.custom((value) => typeof value === "function", "a function is expected").optional(),
    })
    .nullable(),
);

/** `rateLimit`, checked: with the limiter that was given. */
export function readRateLimit(checked: Checked, given: LatchkeyOptions["rateLimit"]): Settings["rateLimit"] {
  return checked && { ...checked, limiter: given === false ? undefined : given?.limiter };
}

/**
 * `trustedProxies`, parsed.
 *
 * @throws LatchkeyError `misuse` for what is no address, and for the range of all addresses
 */
export function readProxies(texts: readonly string[]): readonly AddressRange[] {
  return texts.map((text) => {
    const range = parseRange(text);
    if (range === undefined)
      return misuse(
        `trustedProxies: "${text}" is no address and no range. Write e.g. "10.0.0.0/8" or "2001:db8::1".`,
      );
    if (range[1] === 0)
      return misuse(
        `trustedProxies: "${text}" would believe what anybody says. Name the addresses of your proxies.`,
      );
    return range;
  });
}
