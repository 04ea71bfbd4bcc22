import { LatchkeyError } from "../../../../errors.ts";
import { randomToken } from "../../../../lib/crypto/random.ts";
import { first, isKept, run, type Scope, type Script } from "../../script.ts";
import { appendAudits } from "../audit.ts";

/**
 * A step with what is to be told of it. What verifiers must know (P5) is an entry of the log, written last before the
 * commit, so that entries become visible in the order of their numbers (P6). Whoever else has one to write waits from
 * here until then.
 */
export function* withChanges<Result>(scope: Scope, step: (scope: Scope) => Script<Result>): Script<Result> {
  const result = yield* step(scope);
  if (!isKept(result)) return result;
  yield* appendAudits(scope);
  if (scope.changes.length > 0) yield* appendEntry(scope);
  return result;
}

/** An entry's random mark: by it a reader recognises the one that it has read (P7). */
export function makeTag(): string {
  return randomToken(9);
}

function* appendEntry({ db, now, changes }: Scope): Script<void> {
  const tag = makeTag();
  const head = yield* first(
    db
      .updateTable("latchkey_change_head")
      .set((eb) => ({ n: eb("n", "+", 1), tag }))
      .returning("n"),
  );
  if (head === undefined) throw new LatchkeyError("cannot_tell", "the database has lost its change log");
  const entry = { n: head.n, tag, at: now, body: JSON.stringify(changes) };
  yield* run(db.insertInto("latchkey_changes").values(entry));
}
