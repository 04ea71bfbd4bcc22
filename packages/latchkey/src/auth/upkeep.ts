import type { Clock } from "../lib/clock.ts";
import { leaseTime } from "../replica/follow/reader.ts";
import type { Background } from "../strategy/strategy.ts";
import type { ChangesPage, Settings, Store } from "../types.ts";

/** What is kept up with, by whom. */
export interface UpkeepParts {
  readonly store: Store;
  readonly settings: Settings;
  readonly background: Background;
}

/** Clocks may be apart by so much before the store's counts, in milliseconds. */
const tolerated = 5000;
/** How often the log is trimmed and the lives of tokens are declared anew, in milliseconds. */
const trimEvery = 60_000;
const declareEvery = 3_600_000;
/** Entries of the log that are removed at once. */
const batch = 1000;

/**
 * The machine's clock, corrected once the store's was seen to be too far from it (P8). Where it was set back since, time
 * goes on by the monotonic one: what had expired stays so. One that was set forward looks as after the sleep of a
 * machine, and is believed until the store says what time it is.
 */
export function makeStoreClock(
  own: Clock,
  monotonic: () => number,
): {
  readonly clock: Clock;
  readonly compare: (store: number) => void;
} {
  let offset = 0;
  let compared = { at: Number.NEGATIVE_INFINITY, monotonic: 0 };
  return {
    clock() {
      const now = own() + offset;
      return now >= compared.at ? now : Math.max(now, compared.at + monotonic() - compared.monotonic);
    },
    compare(store) {
      const apart = store - own();
      offset = Math.abs(apart) > tolerated ? apart : 0;
      compared = { at: own() + offset, monotonic: monotonic() };
    },
  };
}

/** Says what must be known of this process before its tokens are (P8). */
export function declare(store: Store, settings: Settings): Promise<void> {
  const lease = leaseTime(settings.revocation.maxStaleness * 1000);
  return store.declareLongest({ life: settings.access.expiresIn * 1000, lease });
}

/** What is done now and then: removing what is too old to matter, and saying again what others must reckon with. */
export function makeHousekeeping({
  store,
  settings,
  background,
}: UpkeepParts): (page: ChangesPage, now: number) => void {
  let [trimmed, declared] = [0, 0];
  return ({ longestLife }, now) => {
    if (now - trimmed >= trimEvery) {
      trimmed = now;
      background(trim(store, longestLife + 2 * trimEvery), "trimming the change log");
    }
    if (now - declared < declareEvery) return;
    if (declared > 0) background(declare(store, settings), "declaring the life of tokens");
    declared = now;
  };
}

async function trim(store: Store, age: number): Promise<void> {
  while ((await store.trimChanges(age, batch)) >= batch) await new Promise((next) => setTimeout(next, 0));
}
