import { first, runScript, type Scope, type Script } from "../sql/script.ts";
import { writeAudit } from "../sql/steps/audit.ts";
import { restoreChanges } from "../sql/steps/changes/restore.ts";
import type { OpenDatabase } from "./file/open.ts";
import { readSeen, type Seen } from "./file/witness.ts";
import type { LifecycleOptions } from "./lifecycle.ts";
import { makeScope } from "./scope.ts";
import { writeStep } from "./transaction.ts";

/**
 * Where the log does not hold what was last seen of it, a backup was put in the place of the database, and nobody can
 * tell any more what was revoked since: the global epoch is raised above all that were ever given out, which refuses
 * every credential issued so far.
 */
export function noticeRestore(opened: OpenDatabase, { db, clock, logger, path }: LifecycleOptions): void {
  const { guard, writing, reading, witness } = opened;
  const seen = witness.newest();
  const scope = makeScope(db, clock, opened);
  // A start waits for no lock unless it has to.
  if (seen === undefined || runScript(knows(scope, seen), reading.answer)) {
    opened.noteLog();
    return;
  }
  const missing = writeStep(guard, writing, scope, (within) => refuseRestored(within, seen));
  opened.noteLog(true);
  if (missing === 0) return;
  const lacks = `lacks at least ${missing} changes that were made to it: it is an older copy`;
  logger?.error({ file: path, missing }, `the database ${path} ${lacks}. Everybody is signed out`);
}

/** Gives how many entries are missing, at least; 0: none. */
function* refuseRestored(scope: Scope, seen: Seen): Script<number> {
  // Another process may have been quicker.
  if (yield* knows(scope, seen)) return 0;
  const found = yield* readSeen(scope.db);
  const epoch = Math.max(seen.globalEpoch + 1, found.globalEpoch + 1, scope.now);
  yield* restoreChanges(scope, [{ kind: "global_epoch", epoch }]);
  const missing = Math.max(seen.n - found.n, 1);
  const nobody = { actorId: null, userId: null, sessionId: null, client: null, ip: null, userAgent: null };
  yield* writeAudit(scope, {
    type: "everything_revoked",
    ...nobody,
    detail: { cause: "restored", missing },
  });
  return missing;
}

function* knows({ db }: Scope, seen: Seen): Script<boolean> {
  const head = yield* readSeen(db);
  if (seen.n >= head.n) return seen.n === head.n && seen.tag === head.tag;
  const entry = yield* first(db.selectFrom("latchkey_changes").select("tag").where("n", "=", seen.n));
  if (entry !== undefined) return entry.tag === seen.tag;
  const oldest = yield* first(db.selectFrom("latchkey_changes").select("n").orderBy("n"));
  return oldest !== undefined && oldest.n > seen.n; // trimmed
}
