import { sql } from "kysely";
import { LatchkeyError } from "../../../errors.ts";
import type { StepOptions } from "../../../types.ts";
import { first, type Scope, type Script } from "../script.ts";
import { writeAudit } from "./audit.ts";

export function* endEverything(scope: Scope, { audit }: StepOptions): Script<void> {
  // As `raised` in `records.ts` has it. The row is not locked before: another may have raised it meanwhile.
  const now = sql`cast(${scope.now} as bigint)`;
  const higher = sql<number>`case when global_epoch < ${now} then ${now} else global_epoch + 1 end`;
  const query = scope.db.updateTable("latchkey_meta").set({ global_epoch: higher });
  const raised = yield* first(query.returning("global_epoch"));
  if (raised === undefined) throw new LatchkeyError("cannot_tell", "the database has lost its global epoch");
  scope.changes.push({ kind: "global_epoch", epoch: raised.global_epoch });
  yield* writeAudit(scope, audit);
}
