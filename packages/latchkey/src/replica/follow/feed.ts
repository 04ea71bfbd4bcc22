import type { Change, ChangesPage, ReadChanges } from "../../types.ts";

/** Where changes come from: the store, or a server that passes them on. */
export interface Feed {
  /** As the store's `readChanges`. */
  read(input: ReadChanges): Promise<ChangesPage>;
  dropLease(id: string): Promise<void>;
  /** Makes good what the store has lost; undefined: that is for others to do. */
  readonly restore:
    | {
        /** As the store's `restoreChanges`. */
        changes(changes: readonly Change[]): Promise<number>;
        /** The global epoch as the store has it now. */
        globalEpoch(): Promise<number>;
      }
    | undefined;
}
