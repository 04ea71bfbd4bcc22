import type { LoggedChange } from "../../types.ts";

/** Told of what steps have added to the log. */
export type Listener = (changes: readonly LoggedChange[]) => void;

/** Where a store says what its own steps have added to the log. */
export interface Told {
  /** As the port has it. */
  listen(listener: Listener): () => void;
  /** Once they are committed, and before the step is answered. */
  tell(changes: readonly LoggedChange["change"][], at: number): void;
}

export function makeTold(): Told {
  const listeners = new Set<Listener>();
  return {
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(changes, at) {
      if (changes.length === 0 || listeners.size === 0) return;
      const logged = changes.map((change) => ({ at, change }));
      for (const listener of listeners) listener(logged);
    },
  };
}
