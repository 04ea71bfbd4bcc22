import type { Clock } from "../../lib/clock.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { Logger } from "../../types.ts";
import { runScript, type Scope } from "../sql/script.ts";
import { readMeta } from "../sql/steps/locks.ts";
import type { SqlDriver } from "../sql/store.ts";
import { makeAttempts } from "./attempts.ts";
import type { OpenDatabase } from "./file/open.ts";

/** What the driver needs of the store. */
export interface DriverOptions {
  readonly path: string;
  readonly db: SqlDriver["db"];
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  /** The open database; throws while there is none. */
  readonly database: () => OpenDatabase;
}

/**
 * Runs each step as one synchronous function (P34). Between the lock and the commit no other code of this process
 * runs, and if the lock cannot be had the step has not begun.
 */
export function sqliteDriver({ path, db, clock, database, logger }: DriverOptions): SqlDriver {
  const attempt = makeAttempts(path, logger);
  const scopeOf = ({ lineage }: OpenDatabase): Scope => ({ db, now: clock(), lineage });
  return {
    db,
    read: (step) =>
      attempt.read(() => {
        const opened = database();
        opened.guard.check(false);
        return runScript(step(scopeOf(opened)), opened.reading.answer);
      }),
    write: (step) =>
      attempt.write(() => {
        const opened = database();
        const { guard, writing } = opened;
        guard.check(true);
        const result = writing.transaction(() => {
          const scope = scopeOf(opened);
          runScript(readMeta(scope), writing.answer);
          return runScript(step(scope), writing.answer);
        }, isKept);
        // What went into a file that nobody can find any more was not done.
        guard.check(true);
        return result;
      }),
  };
}

/** A refusal changes nothing, whatever its step had written before it came to it. */
function isKept(result: unknown): boolean {
  return !(isJsonObject(result) && result.ok === false);
}
