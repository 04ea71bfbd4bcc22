import { type Refusal, refuse } from "../../errors.ts";

/** Lets in who reads the log over HTTP, so many at once. */
export interface Admission {
  /** Lets in until the answer's `leave` is called. `lease`: the id of the one that is to be renewed; null: none. */
  enter(service: string, lease: string | null): { readonly ok: true; readonly leave: () => void } | Refusal;
  /** The lease is given back. */
  forget(service: string, lease: string): void;
}

/** Of one service, in one process: requests at once, and leases. Far more than it has processes. */
const most = 1000;

interface Visitor {
  inside: number;
  /** When each lease was renewed last. */
  readonly leases: Map<string, number>;
}

/**
 * What waits is kept in memory, and leases are read by everyone who waits for a receipt: a service that asks without end,
 * or under ever new names, is told to come again. `lasts`: the longest life of a lease in milliseconds.
 */
export function makeAdmission(lasts: number, monotonic: () => number): Admission {
  const visitors = new Map<string, Visitor>();

  function visitorOf(service: string): Visitor {
    const visitor = visitors.get(service) ?? { inside: 0, leases: new Map() };
    visitors.set(service, visitor);
    return visitor;
  }

  function note({ leases }: Visitor, lease: string): boolean {
    const now = monotonic();
    const isKnown = leases.delete(lease);
    // Renewed last stands last.
    for (const [id, at] of leases) {
      if (now - at < lasts) break;
      leases.delete(id);
    }
    if (!isKnown && leases.size >= most) return false;
    leases.set(lease, now);
    return true;
  }

  return {
    enter(service, lease) {
      const visitor = visitorOf(service);
      if (visitor.inside >= most || (lease !== null && !note(visitor, lease)))
        return refuse("busy", { retryAfter: 1 });
      visitor.inside += 1;
      const leave = (): void => {
        visitor.inside -= 1;
      };
      return { ok: true, leave };
    },
    forget: (service, lease) => void visitors.get(service)?.leases.delete(lease),
  };
}
