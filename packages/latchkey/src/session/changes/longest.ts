import { leaseTime } from "../../replica/follow/reader.ts";
import type { Settings, Store } from "../../types.ts";

/** The longest lease that a remote verifier may hold, in milliseconds: of one whose bound is a minute. */
export const longestLease: number = leaseTime(60_000);

/** How often it is said again, in milliseconds: a store forgets it a day after nobody has. */
const again = 3_600_000;

/** What the store must know of a lease before it is granted. */
export interface LongestLease {
  /** Resolves when the store knows that there may be leases of so many milliseconds. */
  reckonWith(lease: number): Promise<void>;
  /** The store may be another one, or an older copy. */
  doubt(): void;
}

/**
 * A crash of the store may take all leases with it, and receipts then wait for as long as the longest that the store was
 * told of (P17). Of this server's own it is told at the start; a verifier's may be longer. What it knows already is asked
 * of it and not written, and said again behind the back of those who come: while nothing can be written they go on.
 */
export function makeLongestLease(
  { revocation, access }: Settings,
  store: Pick<Store, "declareLongest" | "readLeases">,
  monotonic: () => number,
): LongestLease {
  const own = leaseTime(revocation.maxStaleness * 1000);
  let known = { lease: own, said: Number.NEGATIVE_INFINITY };
  let raising: { readonly lease: number; readonly done: Promise<void> } | undefined;

  const declare = (lease: number) => store.declareLongest({ life: access.expiresIn * 1000, lease });

  async function raise(lease: number): Promise<void> {
    const found = (await store.readLeases(null)).longestLease;
    if (found < lease) await declare(lease);
    const said = found < lease ? monotonic() : Number.NEGATIVE_INFINITY;
    if (lease > known.lease) known = { lease, said };
  }

  function repeat(): void {
    const before = known;
    known = { ...known, said: monotonic() };
    declare(known.lease).catch(() => {
      known = before;
    });
  }

  return {
    async reckonWith(lease) {
      if (lease <= own) return;
      if (lease <= known.lease) {
        if (monotonic() - known.said >= again) repeat();
        return;
      }
      if (raising === undefined || raising.lease < lease) {
        const done = raise(lease).finally(() => {
          if (raising?.done === done) raising = undefined;
        });
        raising = { lease, done };
      }
      await raising.done;
    },
    doubt() {
      known = { lease: own, said: Number.NEGATIVE_INFINITY };
    },
  };
}
