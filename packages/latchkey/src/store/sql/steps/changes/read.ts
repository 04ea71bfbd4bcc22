import type { ChangesPage, LoggedChange, ReadChanges } from "../../../../types.ts";
import { formatPosition, type Place, parsePosition } from "../../../rules/position.ts";
import { startOf } from "../../../rules/start-of.ts";
import type { ChangesTable } from "../../schema.ts";
import { all, type Scope, type Script } from "../../script.ts";
import { checkLineage } from "../locks.ts";
import { renewLease } from "./leases.ts";

/** Renews the lease, then reads: whoever reads an entry later than this is known to be reading (P16). */
export function* readChanges(
  scope: Scope,
  { after, limit, lease }: Pick<ReadChanges, "after" | "limit" | "lease">,
): Script<ChangesPage> {
  const place = after === null ? null : (parsePosition(after) ?? nowhere);
  if (lease !== null) yield* renewLease(scope, lease, place);
  const { head, life, now, mark, entries } = yield* readLog(scope, place?.n ?? 0, limit);
  const page = { now, longestLife: mark };
  const start = startOf({ life, lineage: scope.lineage, head: head.n }, place, entries[0]);
  if (typeof start === "string") {
    const position = formatPosition({ life, n: head.n, tag: head.tag });
    return { ...page, changes: [], position, atHead: false, reset: start };
  }
  const fresh = entries.filter(({ n }) => n > start.n).slice(0, limit);
  const last = fresh.at(-1) ?? start;
  return {
    ...page,
    changes: fresh.flatMap(toChanges),
    position: formatPosition({ life, n: last.n, tag: last.tag }),
    atHead: last.n === head.n,
    reset: false,
  };
}

/** No place of any log: what is none of our positions. */
const nowhere: Place = { life: "", n: 0, tag: "" };

interface Log {
  readonly head: Pick<ChangesTable, "n" | "tag">;
  readonly life: string;
  readonly now: number;
  readonly mark: number;
  /** From the place asked for on, and one more than asked for: the place itself is among them. */
  readonly entries: readonly ChangesTable[];
}

/** One statement, so that head, floor and entries are of one moment (P7), and of one database (P9). */
function* readLog({ db, asked, lineage }: Scope, from: number, limit: number): Script<Log> {
  const entries = db
    .selectFrom("latchkey_changes")
    .selectAll()
    .where("n", ">=", from)
    .orderBy("n")
    .limit(limit + 1);
  const rows = yield* all(
    db
      .selectFrom("latchkey_meta as m")
      .innerJoin("latchkey_change_head as h", "h.id", "m.id")
      .leftJoin(entries.as("c"), (join) => join.onTrue())
      .select([asked.lineage.as("lineage"), asked.life.as("life"), asked.now.as("now")])
      .select(["m.longest_life", "h.n as head_n", "h.tag as head_tag"])
      .select(["c.n", "c.tag", "c.at", "c.body"])
      // The one row that there is; said so, or Postgres takes it for hundreds.
      .where("m.id", "=", 1)
      .orderBy("c.n"),
  );
  const first = checkLineage(rows[0], lineage);
  return {
    head: { n: first.head_n, tag: first.head_tag },
    life: first.life,
    now: first.now,
    mark: first.longest_life,
    entries: rows.flatMap(({ n, tag, at, body }) =>
      n === null || tag === null || at === null || body === null ? [] : [{ n, tag, at, body }],
    ),
  };
}

function toChanges({ at, body }: ChangesTable): LoggedChange[] {
  const changes: LoggedChange["change"][] = JSON.parse(body);
  return changes.map((change) => ({ at, change }));
}
