import { deepFreeze } from "../../../lib/json.ts";
import type {
  Change,
  ChangesPage,
  Lease,
  Leases,
  LoggedChange,
  LogReset,
  Position,
  ReadChanges,
} from "../../../types.ts";
import { formatPosition, parsePosition } from "../../rules/position.ts";
import type { Tables } from "../tables.ts";

/** How long a mark stays as high as it was, after somebody last said that it must be. In ms. */
const markHolds = 86_400_000;

/** An entry of the change log: what one step changed. Numbers alone mark it: the log lives and dies with the process. */
export interface Entry {
  readonly n: number;
  readonly changes: readonly LoggedChange[];
}

/** The change log with its readers. */
export interface Log {
  /** Random, from the first step on: one run of the process is one life. */
  life: string;
  /** Oldest first, without a gap. */
  readonly entries: Entry[];
  /** What the step at hand has changed so far. */
  readonly pending: Change[];
  /** The newest entry's number. */
  head: number;
  readonly leases: Map<
    string,
    Omit<Lease, "reached" | "behind" | "age"> & { readonly n: number | null; readonly at: number }
  >;
  readonly longest: { life: Mark; lease: Mark };
}

interface Mark {
  readonly value: number;
  readonly at: number;
}

export function makeLog(): Log {
  const mark = { value: 0, at: 0 };
  return {
    life: "",
    entries: [],
    pending: [],
    head: 0,
    leases: new Map(),
    longest: { life: mark, lease: mark },
  };
}

/** Ends a step: what it changed becomes one entry, and is told. */
export function commit({ log }: Tables, now: number): readonly Change[] {
  const told = log.pending.splice(0);
  if (told.length === 0) return told;
  log.head += 1;
  log.entries.push({ n: log.head, changes: told.map((change) => deepFreeze({ at: now, change })) });
  return told;
}

/** One look at the log; whoever asked it to wait looks twice. */
export function readChanges(
  { log }: Tables,
  { after, limit, lease }: Pick<ReadChanges, "after" | "limit" | "lease">,
  now: number,
): ChangesPage {
  const place = after === null ? undefined : parsePosition(after);
  const known = place?.life === log.life ? place.n : null;
  if (lease !== null && (log.leases.get(lease.id)?.counter ?? -1) < lease.counter)
    log.leases.set(lease.id, { ...lease, n: known, at: now });
  const page = { now, longestLife: log.longest.life.value };
  const floor = log.entries[0]?.n ?? log.head + 1;
  const start = after === null ? floor - 1 : startOf(log, known, floor);
  if (typeof start === "string")
    return { ...page, changes: [], position: positionOf(log, log.head), atHead: false, reset: start };
  const begin = start - floor + 1;
  const found = log.entries.slice(begin, begin + limit);
  const last = found.at(-1)?.n ?? start;
  return {
    ...page,
    changes: found.flatMap(({ changes }) => changes),
    position: positionOf(log, last),
    atHead: last === log.head,
    reset: false,
  };
}

/** The entry itself must be there: only by it is the place recognised. */
function startOf(log: Log, known: number | null, floor: number): number | LogReset {
  if (known === null || known > log.head) return "lost";
  if (known === 0) return floor <= 1 ? 0 : "trimmed";
  return known < floor ? "trimmed" : known;
}

export function readLeases({ log }: Tables, position: Position | null, now: number): Leases {
  const place = position === null ? undefined : parsePosition(position);
  // Of a place in another life nobody can say who has reached it.
  const target = position === null ? log.head : place?.life === log.life ? place.n : Number.POSITIVE_INFINITY;
  const leases = [...log.leases.values()].map(({ n, at, ...lease }) => ({
    ...lease,
    reached: n !== null && n >= target,
    behind: log.head - (n ?? 0),
    age: now - at,
  }));
  return {
    leases,
    position: positionOf(log, log.head),
    life: null,
    longestLease: log.longest.lease.value,
  };
}

export function dropLease({ log }: Tables, id: string): void {
  log.leases.delete(id);
}

export function declareLongest(
  { log: { longest } }: Tables,
  { life, lease }: { readonly life: number; readonly lease: number },
  now: number,
): void {
  longest.life = raise(longest.life, life, now);
  longest.lease = raise(longest.lease, lease, now);
}

/** As high as anybody says; lower only once what was issued under the higher one, and a day, are over (P8). */
function raise(mark: Mark, value: number, now: number): Mark {
  return value >= mark.value || mark.at + mark.value + markHolds < now ? { value, at: now } : mark;
}

/** Removes what came before a place, never from the middle, and never the newest. */
export function trimChanges({ log }: Tables, age: number, limit: number, now: number): number {
  const before = now - Math.max(age, 0);
  for (const [id, { at }] of log.leases) if (at < before) log.leases.delete(id);
  const young = log.entries.findIndex(({ changes }) => (changes[0]?.at ?? now) >= before);
  const old = young < 0 ? log.entries.length - 1 : young;
  return log.entries.splice(0, Math.min(Math.max(old, 0), limit, log.entries.length - 1)).length;
}

function positionOf({ life }: Log, n: number): Position {
  return formatPosition({ life, n, tag: "" });
}
