import type { Position } from "../../types.ts";

/** A place that was read, and the store's time then. */
export interface Checkpoint {
  readonly position: Position;
  readonly at: number;
}

/** Places that were read, so that after a rollback the last one that both sides know can be found. */
export interface Checkpoints {
  /** Notes where reading has come to; what is older than `keepFor` (milliseconds) is forgotten. */
  add(checkpoint: Checkpoint, keepFor: number): void;
  /**
   * The newest place that the log still holds, found by asking for a few: it holds all that came before one that it
   * holds. undefined: none.
   */
  findHeld(holds: (position: Position) => Promise<boolean>): Promise<Checkpoint | undefined>;
  newest(): Checkpoint | undefined;
  clear(): void;
}

/** Most places that are kept. */
const most = 500;

export function makeCheckpoints(): Checkpoints {
  const kept: Checkpoint[] = [];
  return {
    add(checkpoint, keepFor) {
      const [oldest] = kept;
      const before = kept.at(-2);
      // Closer together than that, the newest takes the place of the one before it.
      if (before !== undefined && checkpoint.at - before.at < keepFor / most) kept.pop();
      kept.push(checkpoint);
      if (oldest !== undefined && oldest.at < checkpoint.at - keepFor) kept.shift();
    },
    async findHeld(holds) {
      let [low, high] = [-1, kept.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        const candidate = kept[middle];
        if (candidate !== undefined && (await holds(candidate.position))) low = middle;
        else high = middle - 1;
      }
      return low < 0 ? undefined : kept[low];
    },
    newest: () => kept.at(-1),
    clear: () => void kept.splice(0),
  };
}
