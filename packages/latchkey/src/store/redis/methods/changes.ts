import type { Change, ChangesPage, LoggedChange, Position, ReadChanges, Store } from "../../../types.ts";
import { formatPosition, isSamePlace, type Place, parsePosition } from "../../rules/position.ts";
import { type LeaseRow, toLease } from "../rows/lease.ts";
import type { Run } from "../run/run.ts";
import { declareLongest, dropLease, trimChanges } from "../scripts/log/keep.ts";
import { readChanges, readLeases } from "../scripts/log/read.ts";
import { restoreChanges } from "../scripts/log/restore.ts";

type Methods =
  | "readChanges"
  | "readLeases"
  | "dropLease"
  | "declareLongest"
  | "trimChanges"
  | "restoreChanges";

/** Resolves when there may be an entry after the place, when the time (ms) is up or the signal says so. */
export type Wait = (n: number, milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

/** The port's methods of the change log. */
export function changeMethods(run: Run, wait: Wait): Pick<Store, Methods> {
  return {
    async readChanges({ waitMs, signal, ...input }) {
      const page = await look(run, input);
      if (waitMs <= 0 || page.reset || page.changes.length > 0) return page;
      await wait(parsePosition(page.position)?.n ?? 0, waitMs, signal);
      // The lease is not renewed again: what this read acknowledges is what it came with.
      return look(run, { ...input, lease: null });
    },
    async readLeases(position) {
      const { leases, longestLease, ...log } = await run<Log & LeasesFound>("read", readLeases, {});
      const place = position === null ? undefined : parsePosition(position);
      // Of a place in another life nobody can say who has reached it.
      const target =
        position === null ? log.n : place?.life === log.life ? place.n : Number.POSITIVE_INFINITY;
      const standing = leases.map((row) => toLease(row, target, log.n));
      return { leases: standing, position: headOf(log), life: log.life, longestLease };
    },
    async dropLease(id) {
      await run("follow", dropLease, { id });
    },
    async declareLongest(longest) {
      await run("step", declareLongest, longest);
    },
    async trimChanges(age, limit) {
      return (await run<{ trimmed: number }>("step", trimChanges, { age, limit })).trimmed;
    },
    restoreChanges: (changes) => restore(run, changes),
  };
}

/** Of one script: a stretch of some milliseconds, in which nobody else is served. */
const restored = 300;

/** Each change is made good for itself, so that many need not be one step. */
async function restore(run: Run, changes: readonly Change[]): Promise<number> {
  let effective = 0;
  for (let i = 0; i < changes.length; i += restored) {
    const stretch = changes.slice(i, i + restored);
    const input = stretch.map((it) =>
      it.kind === "user_state" ? { ...it, roles: JSON.stringify(it.roles) } : it,
    );
    effective += (await run<{ effective: number }>("revoke", restoreChanges, { changes: input })).effective;
  }
  return effective;
}

/** The log as every answer shows it. */
interface Log {
  readonly life: string;
  /** The newest entry and its tag; 0: none yet. */
  readonly n: number;
  readonly tag: string;
}

interface LeasesFound {
  readonly leases: readonly LeaseRow[];
  readonly longestLease: number;
}

interface Entry {
  readonly n: number;
  readonly tag: string;
  readonly at: number;
  readonly changes: readonly LoggedChange["change"][];
}

interface EntriesFound extends Log {
  /** From the place asked for on, and one more than asked for: the place itself is among them. */
  readonly entries: readonly Entry[];
  readonly now: number;
  readonly longestLife: number;
}

/** No place of any log: what is none of our positions. */
const nowhere: Place = { life: "", n: 0, tag: "" };

/** One look at the log; whoever asked it to wait looks twice. */
async function look(
  run: Run,
  { after, limit, lease }: Pick<ReadChanges, "after" | "limit" | "lease">,
): Promise<ChangesPage> {
  const place = after === null ? null : (parsePosition(after) ?? nowhere);
  const renewal = lease === null ? undefined : { ...lease, accepts: Number(lease.accepts) };
  const input = { life: place?.life, n: place?.n, limit, lease: renewal };
  const { entries, now, longestLife, ...log } = await run<EntriesFound>("follow", readChanges, input);
  const page = { now, longestLife };
  const start = startOf(log, place, entries[0]);
  if (start === undefined) return { ...page, changes: [], position: headOf(log), atHead: false, reset: true };
  const fresh = entries.filter(({ n }) => n > start.n).slice(0, limit);
  const last = fresh.at(-1) ?? start;
  return {
    ...page,
    changes: fresh.flatMap(({ at, changes }) => changes.map((change) => ({ at, change }))),
    position: formatPosition({ life: log.life, n: last.n, tag: last.tag }),
    atHead: last.n === log.n,
    reset: false,
  };
}

/**
 * The place after which the answer begins; undefined if the log does not hold the one that was asked for. The very
 * beginning is a place as long as nothing was trimmed.
 */
function startOf(
  { life, n }: Log,
  place: Place | null,
  first: Entry | undefined,
): Pick<Place, "n" | "tag"> | undefined {
  if (place === null) return { n: (first?.n ?? n + 1) - 1, tag: "" };
  if (place.n > 0) return first !== undefined && isSamePlace(place, life, first) ? first : undefined;
  const untrimmed = place.life === life && place.tag === "" && (first?.n ?? 1) === 1;
  return untrimmed ? { n: 0, tag: "" } : undefined;
}

function headOf({ life, n, tag }: Log): Position {
  return formatPosition({ life, n, tag });
}
