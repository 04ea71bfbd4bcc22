import type { ChangesPage, LoggedChange, Position, ReadChanges, Store } from "../../../types.ts";
import { formatPosition, lineageOf, type Place, parsePosition } from "../../rules/position.ts";
import { startOf } from "../../rules/start-of.ts";
import { type LeaseRow, toLease } from "../rows/lease.ts";
import type { Run } from "../run/run.ts";
import { declareLongest, dropLease, trimChanges } from "../scripts/log/keep.ts";
import { readChanges, readLeases } from "../scripts/log/read.ts";
import { restore } from "./restore.ts";

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
      const { leases, longestLease, now, ...log } = await run<Log & LeasesFound>("read", readLeases, {});
      const place = position === null ? undefined : parsePosition(position);
      // Of a place in another life nobody can say who has reached it.
      const target =
        position === null ? log.n : place?.life === log.life ? place.n : Number.POSITIVE_INFINITY;
      const standing = leases.map((row) => toLease(row, { target, head: log.n, now }));
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
  readonly now: number;
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
  const start = startOf({ life: log.life, lineage: lineageOf(log), head: log.n }, place, entries[0]);
  if (typeof start === "string")
    return { ...page, changes: [], position: headOf(log), atHead: false, reset: start };
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

function headOf({ life, n, tag }: Log): Position {
  return formatPosition({ life, n, tag });
}
