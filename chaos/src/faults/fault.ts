import type { NodeProcess } from "../cluster/nodes.ts";
import type { StoreServer } from "../cluster/stores/store.ts";
import type { Random } from "../random.ts";

/** What a fault works on. */
export interface Stage {
  readonly store: StoreServer;
  readonly nodes: readonly NodeProcess[];
  readonly random: Random;
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
  /** An older copy of the store is put in its place by `mend`. */
  readonly restores?: boolean;
  readonly mend: () => Promise<void>;
}
