import { all, first, run, type Scope, type Script } from "../../script.ts";

/** Removes what came before a place, never from the middle: times of several machines need not rise with the numbers. */
export function* trimChanges({ db, now }: Scope, age: number, limit: number): Script<number> {
  const before = now - Math.max(age, 0);
  yield* run(db.deleteFrom("latchkey_leases").where("at", "<", before));
  const log = db.selectFrom("latchkey_changes").select("n").orderBy("n");
  // The head first: what others add from here on comes after it, and is never taken for old.
  const [head, oldest, young] = [
    yield* first(db.selectFrom("latchkey_change_head").select("n")),
    yield* first(log.limit(1)),
    yield* first(log.where("at", ">=", before).limit(1)),
  ];
  if (oldest === undefined || head === undefined) return 0;
  // The newest stays: by it a reader is recognised.
  const end = Math.min(young?.n ?? head.n, head.n, oldest.n + limit);
  return (yield* all(db.deleteFrom("latchkey_changes").where("n", "<", end).returning("n"))).length;
}
