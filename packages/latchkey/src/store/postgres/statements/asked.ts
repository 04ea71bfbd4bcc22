import { sql } from "kysely";
import type { Clock } from "../../../lib/clock.ts";
import { asClock } from "../../sql/asked.ts";
import type { Asked } from "../../sql/script.ts";

/** The server's clock, in whole milliseconds. */
export const serverClock = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

/**
 * Whatever a standby says may be old, even that there is no such session (P9). There it is an error to ask for the place
 * that is being written, and the statement gives nothing else either.
 */
export const primaryLineage =
  "case when pg_is_in_recovery() then pg_current_wal_lsn()::text else m.lineage end";

/** What the statement of a check asks. `now` stands for the clock, if it is one outside the server. */
export function askOfCheck(clock: Clock | undefined, now: unknown): Pick<Asked, "now" | "lineage"> {
  return {
    now: clock === undefined ? sql.raw<number>(serverClock) : asClock(now),
    lineage: sql.raw<string>(primaryLineage),
  };
}

/** Stands for the mark of leases where there is none. No mark is as short. */
export const unmarked = "lost";

/** What a statement asks that is made now. `server` tells one life of the server from the next: see `findLife`. */
export function askOfServer(clock: Clock | undefined, server: string): Asked {
  const life = `(select lineage from latchkey_meta) || ':' || ${server}`;
  const mark = `coalesce((select mark from latchkey_lease_mark), '${unmarked}')`;
  return {
    ...askOfCheck(clock, clock?.()),
    life: sql.raw<string>(life),
    leaseLife: sql.raw<string>(`${life} || ':' || ${mark}`),
  };
}
