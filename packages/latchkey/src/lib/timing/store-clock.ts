import type { Clock } from "../clock.ts";

/** Clocks may be apart by so much before the store's counts, in milliseconds. */
const tolerated = 5000;

/** The machine's clock, corrected once the store's was seen to be too far from it (P8). */
export interface StoreClock {
  readonly clock: Clock;
  /**
   * An answer has come in which the store told its time. What of the difference may be because the answer was under way
   * for so long (`late`, in milliseconds) says nothing of the clocks: a process that was stopped reads old answers when it
   * wakes, and what has expired meanwhile must not live again by them.
   */
  readonly compare: (store: number, late: number) => void;
}

export function makeStoreClock(own: Clock): StoreClock {
  let offset = 0;
  return {
    clock: () => own() + offset,
    compare(store, late) {
      const least = store - own();
      const apart = Math.min(Math.max(offset, least), least + late);
      offset = Math.abs(apart) > tolerated ? apart : 0;
    },
  };
}
