import type { Clock } from "../../lib/clock.ts";
import { asKnown } from "../sql/asked.ts";
import type { SqlDriver } from "../sql/driver.ts";
import type { Scope } from "../sql/script.ts";
import type { OpenDatabase } from "./file/open.ts";

/** What a step is given that begins now. */
export function makeScope(db: SqlDriver["db"], clock: Clock, { lineage, life }: OpenDatabase): Scope {
  const now = clock();
  return { db, lineage, now, asked: asKnown(now, life), audits: [], changes: [] };
}

/** What the statement of a check asks: nothing of the file, which knows neither the time nor itself. */
export function askOfCheck(now: string): ReturnType<SqlDriver["ask"]> {
  return asKnown(now, undefined);
}
