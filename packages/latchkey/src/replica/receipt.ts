import type { Lease, Leases, Receipt, Store } from "../types.ts";

/** Waits until a revocation that was just made is known everywhere. */
export interface Receipts {
  /**
   * Where this process begins, and where the store may be another one: takes all leases that were seen for lost, and looks
   * once at what there is. What stands still from here on need not be waited for again by the next receipt. Rejects if the
   * store does not answer; then that one waits.
   */
  begin(): Promise<void>;
  /**
   * Resolves at the latest after twice the longest lease that the store knows of, or once none of an earlier life is left.
   * Rejects if the store does not answer.
   */
  confirm(): Promise<Receipt & { readonly accepting: boolean }>;
}

/** What waiting works with. */
export interface ReceiptParts {
  readonly store: Pick<Store, "readLeases">;
  readonly monotonic: () => number;
  /** Milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** How often the leases are looked at, in milliseconds: often at first, as most nodes answer at once. */
const look = { first: 2, most: 25, later: 500 };
/** When it is later, in milliseconds. */
const soon = 5000;

/** A lease as this process has seen it, by its own clock. */
interface Seen {
  readonly counter: number;
  /** Since when the counter stands there. */
  readonly since: number;
}

/** What became of the leases of one moment. */
interface Outcome {
  readonly pending: Map<string, string>;
  confirmed: number;
  expired: number;
}

/**
 * Those who read the log renew a lease by it, and stop trusting what they know well before the lease is over (P16,
 * P17). So once each lease of this moment has come as far as the revocation, or has stood still for as long as it
 * lasts, nobody is left who would accept what was revoked. Whoever takes a lease later reads the revocation first.
 */
export function makeReceipts({ store, monotonic, wait }: ReceiptParts): Receipts {
  const seen = new Map<string, Seen>();
  /** The store's present life, since when it is known, and until when there may be leases of an earlier one. */
  let life: string | null | undefined;
  let lifeSince = Number.NEGATIVE_INFINITY;
  let quietFrom = Number.NEGATIVE_INFINITY;
  /** The longest lease that was told of last: a copy of the store may know of less. */
  let longest = 0;
  let confirms = 0;

  function hasRunOut({ id, duration }: Lease, now: number): boolean {
    return now - (seen.get(id)?.since ?? now) > duration;
  }

  function notice({ leases, life: found, longestLease }: Leases, now: number): void {
    const told = Math.max(longestLease, ...leases.map(({ duration }) => duration));
    if (found !== life) {
      lifeSince = found === null ? Number.NEGATIVE_INFINITY : now;
      // Never sooner than what was waited for already: the same life may be looked at anew.
      quietFrom = Math.max(quietFrom, lifeSince + longest);
      life = found;
      // What stands there now may have come back with a copy, and its owner have gone on meanwhile.
      seen.clear();
    }
    quietFrom = Math.max(quietFrom, lifeSince + told);
    longest = told;
    const present = new Set(leases.map(({ id }) => id));
    for (const id of seen.keys()) if (!present.has(id)) seen.delete(id);
    for (const { id, counter } of leases)
      if (seen.get(id)?.counter !== counter) seen.set(id, { counter, since: now });
  }

  function judge(outcome: Outcome, leases: readonly Lease[], now: number): void {
    const present = new Map(leases.map((lease) => [lease.id, lease]));
    for (const id of outcome.pending.keys()) {
      const lease = present.get(id);
      const isReached = lease?.reached === true;
      // One that is not there any more was given back, or ran out long ago.
      if (!isReached && lease !== undefined && !hasRunOut(lease, now)) continue;
      outcome.pending.delete(id);
      outcome[isReached ? "confirmed" : "expired"] += 1;
    }
  }

  return {
    async begin() {
      life = undefined;
      const before = confirms;
      const answer = await store.readLeases(null);
      // A receipt that has begun meanwhile may have seen more.
      if (confirms === before) notice(answer, monotonic());
    },
    async confirm() {
      confirms += 1;
      const start = monotonic();
      let answer = await store.readLeases(null);
      const { position } = answer;
      let now = monotonic();
      notice(answer, now);
      // Leases that come later do not count, nor those that were known to have run out.
      const living = answer.leases.filter((lease) => !hasRunOut(lease, now));
      const pending = new Map(living.map(({ id, node }) => [id, node]));
      const outcome: Outcome = { pending, confirmed: 0, expired: 0 };
      const most = Math.max(answer.longestLease, ...living.map(({ duration }) => duration));
      const latest = Math.max(start + 2 * most, quietFrom);
      for (
        let pause = look.first;
        ;
        pause = Math.min(pause * 1.5, now - start < soon ? look.most : look.later)
      ) {
        judge(outcome, answer.leases, now);
        const complete = now >= quietFrom && pending.size === 0;
        if (complete || now >= latest) {
          const accepting = answer.leases.some(({ accepts }) => accepts);
          return { ...receiptOf(outcome, living.length, complete), ms: Math.round(now - start), accepting };
        }
        await wait(pause);
        answer = await store.readLeases(position);
        now = monotonic();
        notice(answer, now);
      }
    },
  };
}

function receiptOf(
  { pending, confirmed, expired }: Outcome,
  verifiers: number,
  complete: boolean,
): Omit<Receipt, "ms"> {
  return { verifiers, confirmed, expired, complete, behind: [...pending.values()] };
}
