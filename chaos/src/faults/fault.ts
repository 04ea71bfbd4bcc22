import type { NodeProcess } from "../cluster/nodes.ts";
import type { StoreServer } from "../cluster/stores/store.ts";
import type { Random } from "../random.ts";

/** What a fault works on. */
export interface Stage {
  readonly store: StoreServer;
  readonly nodes: readonly NodeProcess[];
  readonly random: Random;
  /** Many people sign in at once. */
  readonly storm: () => Promise<void>;
  /** When every node knows all that there is to know, of a moment after this one. */
  readonly knowledge: () => Promise<number | null>;
  /** Tokens that have expired are tried on a node. */
  readonly tryExpired: (node: number) => Promise<void>;
  /** Waits so many milliseconds, or until the run is over. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** One way to break something. */
export interface FaultKind {
  /** As it stands in the report, with its number in the list of faults where it has one. */
  readonly name: string;
  /** Done only where `--faults` names it. */
  readonly onlyIfNamed?: boolean;
  /** Whether this store can be broken so. */
  possible(store: StoreServer): boolean;
  /** Breaks it; gives what mends it again, and the node whose own process it is, if it is one. */
  inflict(stage: Stage): Promise<Inflicted>;
}

export interface Inflicted {
  readonly node?: number;
  /** The node whose clock was set wrong, and is set right by `mend`. */
  readonly clock?: number;
  readonly learnt?: number | null;
  /** What was in the store is not there any more, from this moment on. */
  readonly restores?: number;
  readonly mend: () => Promise<void>;
}
