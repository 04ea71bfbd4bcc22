import type { Clock } from "../../lib/clock.ts";
import { isJsonObject } from "../../lib/json.ts";
import { runScript, type Scope } from "../sql/script.ts";
import { readMeta } from "../sql/steps/locks.ts";
import type { SqlDriver } from "../sql/store.ts";
import { withFaults } from "./fault.ts";
import type { OpenDatabase } from "./file/open.ts";
import { makeWaitingLine } from "./waiting-line.ts";

/** How long a step waits for a lock, in ms. With the work itself an answer stays below the 250 ms of an outage. */
const patience = 150;

/** What the driver needs of the store. */
export interface DriverOptions {
  readonly path: string;
  readonly db: SqlDriver["db"];
  readonly clock: Clock;
  /** The open database; throws while there is none. */
  readonly database: () => OpenDatabase;
}

/**
 * Runs each step as one synchronous function (P34). Between the lock and the commit no other code of this process
 * runs, and if the lock cannot be had the step has not begun.
 */
export function sqliteDriver({ path, db, clock, database }: DriverOptions): SqlDriver {
  const readers = makeWaitingLine(path, patience);
  const writers = makeWaitingLine(path, patience);
  const scopeOf = ({ lineage }: OpenDatabase): Scope => ({ db, now: clock(), lineage });

  return {
    db,
    read: (step) =>
      readers.run(() => {
        const opened = database();
        return withFaults(path, () => {
          opened.guard.check(false);
          return runScript(step(scopeOf(opened)), opened.reading.answer);
        });
      }),
    write: (step) =>
      writers.run(() => {
        const opened = database();
        return withFaults(path, () => {
          opened.guard.check(true);
          const result = opened.writing.transaction(() => {
            const scope = scopeOf(opened);
            runScript(readMeta(scope), opened.writing.answer);
            return runScript(step(scope), opened.writing.answer);
          }, isKept);
          // What went into a file that nobody can find any more was not done.
          opened.guard.check(true);
          return result;
        });
      }),
  };
}

/** A refusal changes nothing, whatever its step had written before it came to it. */
function isKept(result: unknown): boolean {
  return !(isJsonObject(result) && result.ok === false);
}
