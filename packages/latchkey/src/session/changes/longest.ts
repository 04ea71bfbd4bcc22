import { leaseTime } from "../../replica/follow/reader.ts";
import type { Settings, Store } from "../../types.ts";

/** The longest lease that a remote verifier may hold, in milliseconds: of one whose bound is a minute. */
export const longestLease: number = leaseTime(60_000);

const ownLease = ({ revocation }: Settings): number => leaseTime(revocation.maxStaleness * 1000);

/** Says how long the tokens of this process live (P8), and that there may be such a lease. By default its own. */
export function declare(
  store: Pick<Store, "declareLongest">,
  settings: Settings,
  lease: number = ownLease(settings),
): Promise<void> {
  return store.declareLongest({ life: settings.access.expiresIn * 1000, lease });
}

/** How often it is said again, in milliseconds. */
const again = 3_600_000;
/** After how long it is said as if for the first time: a day after nobody has said so a store forgets it. */
const forgotten = 20 * again;

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
  settings: Settings,
  store: Pick<Store, "declareLongest" | "readLeases">,
  monotonic: () => number,
): LongestLease {
  const own = ownLease(settings);
  const nothing = { lease: own, said: Number.NEGATIVE_INFINITY };
  let known = nothing;
  /** The longest that was asked for since it was said last. */
  let asked = own;
  let raising: { readonly lease: number; readonly done: Promise<void> } | undefined;
  /** What was begun before the store was another one says nothing of that. */
  let doubts = 0;

  async function raise(lease: number): Promise<void> {
    const before = doubts;
    const found = (await store.readLeases(null)).longestLease;
    if (found < lease) await declare(store, settings, lease);
    // Who said it before may be gone: it is said again by the next one who comes.
    const said = found < lease ? monotonic() : monotonic() - again;
    if (lease > known.lease && doubts === before) known = { lease, said };
  }

  function repeat(): void {
    const [before, wasKnown] = [doubts, known];
    // What was asked for and not granted is not known.
    known = { lease: Math.min(asked, known.lease), said: monotonic() };
    asked = own;
    declare(store, settings, known.lease).catch(() => {
      if (doubts !== before) return;
      known = wasKnown;
      asked = Math.max(asked, wasKnown.lease);
    });
  }

  return {
    async reckonWith(lease) {
      if (lease <= own) return;
      asked = Math.max(asked, lease);
      const age = monotonic() - known.said;
      if (age >= forgotten) known = nothing;
      if (lease <= known.lease) {
        if (age >= again) repeat();
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
      doubts += 1;
      known = nothing;
      raising = undefined;
    },
  };
}
