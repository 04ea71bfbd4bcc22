import { z } from "zod";
import type { Settings } from "../types.ts";

const count = z.number().int().positive();

/** The option `events`. */
export const eventsShape: z.ZodType<Settings["events"]> = z
  .union([
    z.literal(false).transform(() => null),
    z.strictObject({ perUser: count.default(20), total: count.default(10_000) }),
  ])
  .prefault({});
