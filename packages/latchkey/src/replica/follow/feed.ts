import type { Change, ChangesPage, LoggedChange, ReadChanges } from "../../types.ts";

/** Where changes come from: the store, or a server that passes them on. */
export interface Feed {
  /** As the store's `readChanges`. */
  read(input: ReadChanges): Promise<ChangesPage>;
  dropLease(id: string): Promise<void>;
  /** As the store's; undefined: what this process changes it hears of as everybody does. */
  listen?: ((listener: (changes: readonly LoggedChange[]) => void) => () => void) | undefined;
  /** Makes good what the store has lost; undefined: that is for others to do. */
  readonly restore:
    | {
        /** As the store's `restoreChanges`. */
        changes(changes: readonly Change[]): Promise<number>;
        /** The global epoch as the store has it now, and its time. */
        globalEpoch(): Promise<{ readonly globalEpoch: number; readonly now: number }>;
      }
    | undefined;
}
