import { systemClock } from "../lib/clock.ts";
import { type Monotonic, makeMonotonic } from "../lib/runtime/monotonic.ts";

/** The clocks of the machine. The monotonic one may stand still while it sleeps. */
export interface Clocks extends Monotonic {
  /** Milliseconds since 1970; goes on while the machine sleeps, and may be set. */
  readonly wall: () => number;
}

/** A moment by both clocks. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** As globals, Node looks them up by a getter each time, which takes as long as the clock itself (measured). */
const { performance, process } = globalThis;

/** The clocks at hand. */
export const systemClocks: Clocks = {
  ...makeMonotonic(process, performance),
  wall: systemClock,
};

export function momentOf({ monotonic, wall }: Clocks): Moment {
  return { monotonic: monotonic(), wall: wall() };
}

/** Since when what a process knows was proven to be all there is to know. */
export interface Currency {
  /** The wall clock that it goes by: of several who share a replica it is that of the first. */
  readonly wall: () => number;
  /**
   * All was known that had happened before this moment: that at which the read which proves it was sent (P9). Whoever
   * counts on it for longer than `covered` milliseconds has no lease that says so (P17).
   */
  prove(asked: Moment, covered?: number): void;
  /** Nothing is proven any more. */
  forget(): void;
  /**
   * Whether less than `bound` milliseconds have passed, by both clocks, read at this moment (P10): a timer or a flag
   * would lag behind on a busy machine, and either clock alone may stand still. `now`: by `wall`, if the caller
   * has just read it; a moment of another clock says nothing.
   */
  isWithin(bound: number, now?: number): boolean;
  /** Milliseconds since the proof; infinite: there is none. */
  age(): number;
}

export function makeCurrency({ monotonic, elapsed, wall }: Clocks): Currency {
  let byMonotonic = Number.NEGATIVE_INFINITY;
  let byWall = Number.NEGATIVE_INFINITY;
  let longest = Number.POSITIVE_INFINITY;
  return {
    wall,
    prove(asked, covered = Number.POSITIVE_INFINITY) {
      // A read that was overtaken proves less than what is known already.
      if (asked.monotonic < byMonotonic) return;
      byMonotonic = asked.monotonic;
      byWall = asked.wall;
      longest = covered;
    },
    forget() {
      byMonotonic = Number.NEGATIVE_INFINITY;
      byWall = Number.NEGATIVE_INFINITY;
    },
    isWithin(bound, now = wall()) {
      const limit = Math.min(bound, longest);
      return now - byWall < limit && elapsed(byMonotonic) < limit;
    },
    age: () => Math.max(monotonic() - byMonotonic, wall() - byWall),
  };
}
