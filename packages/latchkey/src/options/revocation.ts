import { z } from "zod";
import { misuse } from "../errors.ts";
import { isWithoutBackground } from "../lib/timing/background.ts";
import type { Settings } from "../types.ts";

const onStale = ["lookup", "reject", "accept"] as const;

/** The option `revocation`. */
export const revocationShape: z.ZodType<Settings["revocation"]> = z
  .strictObject({
    maxStaleness: z.number().min(0.1).max(60).default(2),
    onStale: z.enum(onStale).default("lookup"),
    cacheSize: z.number().int().min(1).max(10_000_000).default(20_000),
    node: z.string().min(1).max(100).nullable().default(null),
    background: z.boolean().default(() => !isWithoutBackground()),
  })
  .prefault({});

/** A session that lies idle before its access token expires would outlive its own end. */
export function refuseShortIdle(refreshExpiresIn: number, accessExpiresIn: number): void {
  if (refreshExpiresIn >= accessExpiresIn) return;
  misuse(
    `refresh.expiresIn: ${refreshExpiresIn} seconds is less than an access token lives (${accessExpiresIn}). ` +
      "Give it at least as long, or lower access.expiresIn.",
  );
}
