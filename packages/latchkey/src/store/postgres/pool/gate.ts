import type { Limit } from "./limit.ts";

/** What a connection is wanted for. */
export type Use = "read" | "write";

/** Counts who is at work on a connection. */
export interface Gate {
  /** Resolves when it is one's turn, with what says that one has finished. */
  enter(use: Use, limit: Limit): Promise<() => void>;
  /** How many may be at work. */
  resize(size: number): void;
  /** Whether somebody waits. */
  isWanted(): boolean;
  /** Sends away all who wait, and counts those no more who are at work: their connections are not counted any more. */
  clear(error: Error): void;
  /** Resolves once nobody is at work. */
  emptied(): Promise<void>;
}

/** What a gate tells. */
export interface GateOptions {
  /** Somebody has waited for a while, or there is nothing to wait for: more connections are wanted. */
  readonly onCrowd: () => void;
  /** Somebody waited in vain, since then (`performance.now()`). */
  readonly onLate: (since: number) => void;
}

/** How long who waits may hope for a connection that others have, in ms: a new one takes longer. */
const hope = 10;

interface Waiting {
  readonly admit: (leave: () => void) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * As many at once as there are connections, of which a third are kept for reads: those who write may all be waiting for
 * one row that somebody has locked, and checks are to be answered meanwhile. Who waits is within reach here, not in the
 * pool's own line, which nobody can leave.
 */
export function makeGate({ onCrowd, onLate }: GateOptions): Gate {
  let size = 0;
  let busy = { read: 0, write: 0 };
  const leaving: (() => void)[] = [];
  const waiting = { read: new Set<Waiting>(), write: new Set<Waiting>() };

  function hasRoom(use: Use): boolean {
    const forWrites = size > 1 ? size - Math.max(1, Math.floor(size / 3)) : size;
    return busy.read + busy.write < size && (use === "read" || busy.write < forWrites);
  }

  function admit(use: Use): () => void {
    const counted = busy;
    counted[use] += 1;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      counted[use] -= 1;
      admitWaiting();
      if (busy.read + busy.write === 0) for (const told of leaving.splice(0)) told();
    };
  }

  function admitWaiting(): void {
    for (const use of ["read", "write"] as const) {
      for (const one of waiting[use]) {
        if (!hasRoom(use)) break;
        waiting[use].delete(one);
        one.admit(admit(use));
      }
    }
  }

  function wait(use: Use, limit: Limit): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const since = performance.now();
      const one: Waiting = { admit: resolve, refuse: reject };
      waiting[use].add(one);
      limit.tidy = () => {
        waiting[use].delete(one);
        onLate(since);
      };
      if (size === 0) onCrowd();
      else setTimeout(() => waiting[use].has(one) && onCrowd(), hope);
    });
  }

  return {
    enter: async (use, limit) => (waiting[use].size === 0 && hasRoom(use) ? admit(use) : wait(use, limit)),
    resize: (to) => {
      size = to;
      admitWaiting();
    },
    isWanted: () => waiting.read.size + waiting.write.size > 0,
    clear: (error) => {
      busy = { read: 0, write: 0 };
      for (const use of ["read", "write"] as const) {
        for (const one of waiting[use]) one.refuse(error);
        waiting[use].clear();
      }
    },
    emptied: () =>
      new Promise((resolve) => {
        if (busy.read + busy.write === 0) resolve();
        else leaving.push(resolve);
      }),
  };
}
