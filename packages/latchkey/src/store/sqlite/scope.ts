import type { Clock } from "../../lib/clock.ts";
import type { Scope } from "../sql/script.ts";
import type { SqlDriver } from "../sql/store.ts";
import type { OpenDatabase } from "./file/open.ts";

/** What a step is given that begins now. */
export function makeScope(db: SqlDriver["db"], clock: Clock, { lineage, life }: OpenDatabase): Scope {
  return { db, lineage, life, now: clock(), changes: [] };
}
