import { isKept, runScript, type Scope, type Script } from "../sql/script.ts";
import { withChanges } from "../sql/steps/changes/append.ts";
import { readMeta } from "../sql/steps/locks.ts";
import type { Connection } from "./connection.ts";
import type { FileGuard } from "./file/guard.ts";

/** Runs a step of one statement. */
export function readStep<Result>(
  guard: FileGuard,
  { answer }: Connection,
  scope: Scope,
  step: (scope: Scope) => Script<Result>,
): Result {
  guard.check(false);
  return runScript(step(scope), answer);
}

/** Runs a step as one transaction, with its entry in the log of changes. */
export function writeStep<Result>(
  guard: FileGuard,
  { answer, transaction }: Connection,
  scope: Scope,
  step: (scope: Scope) => Script<Result>,
): Result {
  guard.check(true);
  const result = transaction(() => {
    runScript(readMeta(scope), answer);
    return runScript(withChanges(scope, step), answer);
  }, isKept);
  // What went into a file that nobody can find any more was not done.
  guard.check(true);
  return result;
}
