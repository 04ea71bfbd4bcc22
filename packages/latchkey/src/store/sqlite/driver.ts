import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../types.ts";
import type { SqlDriver } from "../sql/driver.ts";
import type { OpenDatabase } from "./file/open.ts";
import { askOfCheck, makeScope } from "./scope.ts";
import { readStep, writeStep } from "./transaction.ts";
import { makeAttempts } from "./waiting/attempts.ts";
import { makeLogWait } from "./waiting/log-wait.ts";

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
  const log = makeLogWait(database);
  const scopeOf = (opened: OpenDatabase) => makeScope(db, clock, opened);
  const read: SqlDriver["read"] = (step) =>
    attempt.read(() => {
      const opened = database();
      return readStep(opened.guard, opened.reading, scopeOf(opened), step);
    });
  return {
    db,
    ask: askOfCheck,
    read,
    // Here nothing but the file stands between a read and its answer.
    check: read,
    look: read,
    write: (step) =>
      attempt.write(() => {
        const opened = database();
        const scope = scopeOf(opened);
        const result = writeStep(opened.guard, opened.writing, scope, step);
        if (scope.changes.length === 0) return result;
        opened.noteLog();
        log.wake();
        return result;
      }),
    follow: (step) =>
      attempt.follow(() => {
        const opened = database();
        return writeStep(opened.guard, opened.following, scopeOf(opened), step);
      }),
    wait: log.wait,
  };
}
