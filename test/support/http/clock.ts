/** A clock that moves when told to. Starts off the whole second, so that rounding shows. */
export interface ManualClock {
  readonly read: () => number;
  advanceSeconds(seconds: number): void;
}

export function makeClock(): ManualClock {
  let now = 1_900_000_000_789;
  return {
    read: () => now,
    advanceSeconds(seconds) {
      now += seconds * 1000;
    },
  };
}
