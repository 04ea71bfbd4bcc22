import type { ChangesPage, Store } from "../../../types.ts";
import type { StepRunner } from "../script.ts";
import { declareLongest, dropLease, readLeases } from "../steps/changes/leases.ts";
import { readChanges } from "../steps/changes/read.ts";
import { restoreChanges } from "../steps/changes/restore.ts";
import { trimChanges } from "../steps/changes/trim.ts";

type Methods =
  | "readChanges"
  | "readLeases"
  | "dropLease"
  | "declareLongest"
  | "trimChanges"
  | "restoreChanges";

/** How a driver lets the readers of the log know that there is something new. */
export interface LogDriver extends StepRunner {
  /** Runs a step of the reader: what it writes is its lease only, which may be lost in a crash. */
  follow: StepRunner["write"];
  /** Runs a step of the reader that writes nothing. */
  look: StepRunner["read"];
  /** Resolves when an entry may have been added after this page, when the time is up or the signal says so. */
  wait(page: ChangesPage, milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

/** The port's methods of the change log. */
export function changeMethods({ read, write, follow, look, wait }: LogDriver): Pick<Store, Methods> {
  return {
    async readChanges({ waitMs, signal, ...input }) {
      const page = await follow((scope) => readChanges(scope, input));
      if (waitMs <= 0 || page.reset || page.changes.length > 0) return page;
      await wait(page, waitMs, signal);
      // The lease is not renewed again: what this read acknowledges is what it came with.
      return look((scope) => readChanges(scope, { ...input, lease: null }));
    },
    readLeases: (position) => read((scope) => readLeases(scope, position)),
    dropLease: (id) => follow((scope) => dropLease(scope, id)),
    declareLongest: (longest) => write((scope) => declareLongest(scope, longest)),
    trimChanges: (age, limit) => write((scope) => trimChanges(scope, age, limit)),
    restoreChanges: (changes) => write((scope) => restoreChanges(scope, changes)),
  };
}
