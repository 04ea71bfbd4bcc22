import type { Wake } from "../../../lib/timing/wake.ts";
import type { Store } from "../../../types.ts";
import * as log from "../changes/log.ts";
import { restoreChanges } from "../changes/restore.ts";
import type { Run } from "../tables.ts";

type Methods =
  | "readChanges"
  | "readLeases"
  | "dropLease"
  | "declareLongest"
  | "trimChanges"
  | "restoreChanges";

/** The port's methods of the change log. */
export function changeMethods(run: Run, wake: Wake): Pick<Store, Methods> {
  return {
    async readChanges({ waitMs, signal, ...input }) {
      const page = await run((t, now) => log.readChanges(t, input, now));
      if (waitMs <= 0 || page.reset || page.changes.length > 0) return page;
      await wake.wait(waitMs, signal);
      return run((t, now) => log.readChanges(t, { ...input, lease: null }, now));
    },
    readLeases: (position) => run((t, now) => log.readLeases(t, position, now)),
    dropLease: (id) => run((t) => log.dropLease(t, id)),
    declareLongest: (longest) => run((t, now) => log.declareLongest(t, longest, now)),
    trimChanges: (age, limit) => run((t, now) => log.trimChanges(t, age, limit, now)),
    restoreChanges: (changes) => run((t, now) => restoreChanges(t, changes, now)),
  };
}
