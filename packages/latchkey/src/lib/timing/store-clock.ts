import type { Clock } from "../clock.ts";

/** Clocks may be apart by so much before the store's counts, in milliseconds. */
const tolerated = 5000;

/**
 * The machine's clock, corrected once the store's was seen to be too far from it (P8). Where it was set back since, time
 * goes on by the monotonic one: what had expired stays so. One that was set forward looks as after the sleep of a
 * machine, and is believed until the store says what time it is.
 */
export interface StoreClock {
  readonly clock: Clock;
  /**
   * The same for whoever knows that the store has told its time lately: of a clock that was set back since, it notices what
   * lies before that answer, and no more. It stands in the way of every check, and writes nothing down.
   */
  readonly lately: Clock;
  /**
   * An answer has come in which the store told its time. What of the difference may be because the answer was under way
   * for so long (`late`, in milliseconds) says nothing of the clocks: a process that was stopped reads old answers when it
   * wakes, and what has expired meanwhile must not live again by them.
   */
  readonly compare: (store: number, late: number) => void;
}

/** @param own milliseconds since 1970 @param monotonic milliseconds that never go back */
export function makeStoreClock(own: Clock, monotonic: () => number): StoreClock {
  let offset = 0;
  let compared = { at: Number.NEGATIVE_INFINITY, monotonic: 0 };
  /** What it said last; for ever, once it was seen to be set back since the store was asked. */
  let told = Number.NEGATIVE_INFINITY;
  const lately = (): number => {
    const read = own();
    // As it was read: a sum, be it with 0, would be one more number on the heap.
    if (offset === 0 && read >= compared.at) return read;
    return read + offset >= compared.at ? read + offset : clock();
  };
  const clock = (): number => {
    const now = own() + offset;
    // The monotonic one costs as much again, and while the store answers there is nothing that it could tell.
    const isPlain = now >= told && now - compared.at < tolerated;
    told = now < told ? Number.POSITIVE_INFINITY : now;
    return isPlain ? now : Math.max(now, compared.at + monotonic() - compared.monotonic);
  };
  return {
    clock,
    lately,
    compare(store, late) {
      const least = store - own();
      const apart = Math.min(Math.max(offset, least), least + late);
      offset = Math.abs(apart) > tolerated ? apart : 0;
      compared = { at: own() + offset, monotonic: monotonic() };
      told = compared.at;
    },
  };
}
