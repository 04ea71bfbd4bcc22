import { type RawBuilder, sql } from "kysely";
import type { Asked } from "./script.ts";

/** What the driver knows by itself, put into the statement. */
export function asKnown(now: unknown, life: unknown): Asked {
  const bound = sql<string>`${life}`;
  return { now: asClock(now), lineage: sql.ref<string>("m.lineage"), life: bound, leaseLife: bound };
}

/** A clock outside the database. The cast is for Postgres, which would take the value for text. */
export function asClock(now: unknown): RawBuilder<number> {
  return sql<number>`cast(${now} as bigint)`;
}
