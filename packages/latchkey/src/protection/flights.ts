import { LatchkeyError } from "../errors.ts";
import type { Begun, Refused } from "./attempt.ts";

/** Most that wait in one process; beyond them nobody waits. */
const maxWaiting = 256;
/** How long one of them waits at most, in ms: the wait for the hashing comes after it. */
const patience = 1000;

/** The points of an attempt that may be made. */
export interface Flight {
  readonly ok: true;
  readonly points: readonly Begun[];
  /** To be called when the attempt has ended and its points are what they should be. */
  readonly land: () => void;
}

/**
 * Attempts under way in this process. Each counts as a failure until it has ended, so that what comes at the same time
 * may find all points taken by attempts that turn out to be right: it waits for one of them to end, and asks again.
 */
export interface Flights {
  /**
   * `take` takes the points of an attempt on these keys.
   *
   * @throws LatchkeyError `busy` if others were let in before it for too long
   */
  readonly begin: (
    keys: readonly string[],
    take: () => Promise<readonly Begun[] | Refused>,
  ) => Promise<Flight | Refused>;
}

/** Knows the attempts of this process only: what another process has under way is refused here. */
export function makeFlights(): Flights {
  const traffic: Traffic = { boarding: makeGroups(), flying: makeGroups(), landed: 0, waiting: 0 };
  return {
    async begin(keys, take) {
      let alarm: Alarm | undefined;
      try {
        for (;;) {
          const since = traffic.landed;
          const boarded = await board(traffic, keys, take);
          if (boarded.ok || traffic.waiting >= maxWaiting) return boarded;
          alarm ??= setAlarm();
          traffic.waiting++;
          const landed = oneLanded(traffic, keys, since);
          const again = await Promise.race([landed, alarm.rings]).finally(() => traffic.waiting--);
          if (!again) return boarded;
        }
      } finally {
        alarm?.stop();
      }
    },
  };
}

interface Alarm {
  /** Rejects when it is time. */
  readonly rings: Promise<never>;
  readonly stop: () => void;
}

function setAlarm(): Alarm {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rings = new Promise<never>((_, reject) => {
    const busy = new LatchkeyError("busy", `a sign-in waited ${patience} ms for others on the same account`);
    timer = setTimeout(reject, patience, busy);
  });
  return { rings, stop: () => clearTimeout(timer) };
}

interface Traffic {
  /** Attempts that are taking their points. */
  readonly boarding: Groups;
  /** Attempts that have them. */
  readonly flying: Groups;
  /** How many ended so far. */
  landed: number;
  waiting: number;
}

async function board(
  traffic: Traffic,
  keys: readonly string[],
  take: () => Promise<readonly Begun[] | Refused>,
): Promise<Flight | Refused> {
  const { end, promise } = deferred();
  const leave = traffic.boarding.enter(keys, promise);
  try {
    const points = await take();
    return "wait" in points ? points : takeOff(traffic, keys, points);
  } finally {
    leave();
    end();
  }
}

function takeOff(traffic: Traffic, keys: readonly string[], points: readonly Begun[]): Flight {
  const { end, promise } = deferred();
  const leave = traffic.flying.enter(keys, promise);
  const land = (): void => {
    traffic.landed++;
    leave();
    end();
  };
  return { ok: true, points, land };
}

/** Waits for one to end; false: there is none. Whoever takes points at this moment may be under way in the next. */
async function oneLanded(traffic: Traffic, keys: readonly string[], since: number): Promise<boolean> {
  await Promise.all(traffic.boarding.of(keys));
  const flights = traffic.flying.of(keys);
  if (traffic.landed === since && flights.length > 0) await Promise.race(flights);
  return traffic.landed !== since;
}

/** What goes on, by key. */
interface Groups {
  /** The answer takes it out again. */
  readonly enter: (keys: readonly string[], what: Promise<void>) => () => void;
  readonly of: (keys: readonly string[]) => readonly Promise<void>[];
}

function makeGroups(): Groups {
  const groups = new Map<string, Set<Promise<void>>>();
  return {
    enter(keys, what) {
      for (const key of keys) groups.set(key, (groups.get(key) ?? new Set()).add(what));
      return () => {
        for (const key of keys) {
          const group = groups.get(key);
          group?.delete(what);
          if (group?.size === 0) groups.delete(key);
        }
      };
    },
    of: (keys) => keys.flatMap((key) => [...(groups.get(key) ?? [])]),
  };
}

function deferred(): { readonly promise: Promise<void>; readonly end: () => void } {
  let end = (): void => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}
