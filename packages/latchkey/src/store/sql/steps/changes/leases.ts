import { sql } from "kysely";
import type { LeaseRenewal, Leases, Position } from "../../../../types.ts";
import { formatPosition, type Place, parsePosition } from "../../../rules/position.ts";
import { all, run, type Scope, type Script } from "../../script.ts";
import { checkLineage, lockStore } from "../locks.ts";

/** How long a mark stays as high as it was, after somebody last said that it must be. In ms. */
const markHolds = 86_400_000;

/**
 * A lease never moves back: a read that was overtaken by a later one renews nothing. A place in another life of the
 * store acknowledges nothing, and which life this is the database says in the same statement.
 */
export function* renewLease({ db, asked }: Scope, lease: LeaseRenewal, place: Place | null): Script<void> {
  const { id, counter, node, duration } = lease;
  const known = sql<
    number | null
  >`case when ${asked.life} = ${place?.life} then cast(${place?.n} as bigint) end`;
  const n = place === null ? null : known;
  const row = { id, counter, n, node, duration, accepts: Number(lease.accepts), at: asked.now };
  yield* run(
    db
      .insertInto("latchkey_leases")
      .values(row)
      .onConflict((it) =>
        it
          .column("id")
          .doUpdateSet(({ ref }) => ({
            counter: ref("excluded.counter"),
            n: ref("excluded.n"),
            node: ref("excluded.node"),
            duration: ref("excluded.duration"),
            accepts: ref("excluded.accepts"),
            at: ref("excluded.at"),
          }))
          .where("latchkey_leases.counter", "<", counter),
      ),
  );
}

/** One statement: head and leases are of one moment. Without leases the row of the store itself is still there. */
export function* readLeases({ db, asked, lineage }: Scope, position: Position | null): Script<Leases> {
  const rows = yield* all(
    db
      .selectFrom("latchkey_meta as m")
      .innerJoin("latchkey_change_head as h", "h.id", "m.id")
      .leftJoin("latchkey_leases as l", (join) => join.onTrue())
      .select([asked.lineage.as("lineage"), asked.life.as("life"), asked.leaseLife.as("lease_life")])
      .select(["m.longest_lease", "h.n as head_n", "h.tag as head_tag", asked.now.as("now")])
      .select(["l.id", "l.counter", "l.n", "l.node", "l.duration", "l.accepts", "l.at"])
      .where("m.id", "=", 1),
  );
  const { life, lease_life, longest_lease, head_n, head_tag, now } = checkLineage(rows[0], lineage);
  const place = position === null ? undefined : parsePosition(position);
  // Of a place in another life nobody can say who has reached it.
  const target = position === null ? head_n : place?.life === life ? place.n : Number.POSITIVE_INFINITY;
  const leases = rows.flatMap(({ id, counter, n, node, duration, accepts, at }) =>
    id === null || counter === null || node === null || duration === null || at === null
      ? []
      : [
          {
            ...{ id, counter, node, duration, accepts: accepts === 1 },
            reached: n !== null && n >= target,
            behind: Math.max(head_n - (n ?? 0), 0),
            age: now - at,
          },
        ],
  );
  const head = formatPosition({ life, n: head_n, tag: head_tag });
  return { leases, position: head, life: lease_life, longestLease: longest_lease };
}

export function* dropLease({ db }: Scope, id: string): Script<void> {
  yield* run(db.deleteFrom("latchkey_leases").where("id", "=", id));
}

export function* declareLongest(
  scope: Scope,
  longest: { readonly life: number; readonly lease: number },
): Script<void> {
  yield* lockStore(scope);
  yield* declare(scope, "longest_life", longest.life);
  yield* declare(scope, "longest_lease", longest.lease);
}

/** As high as anybody says; lower only once what was issued under the higher one, and a day, are over (P8). */
function* declare({ db, now }: Scope, mark: "longest_life" | "longest_lease", value: number): Script<void> {
  const at = `${mark}_at` as const;
  yield* run(
    db
      .updateTable("latchkey_meta")
      .set({ [mark]: value, [at]: now })
      .where((eb) =>
        eb.or([eb(mark, "<=", value), eb(at, "<", eb(eb.val(now - markHolds), "-", eb.ref(mark)))]),
      ),
  );
}
