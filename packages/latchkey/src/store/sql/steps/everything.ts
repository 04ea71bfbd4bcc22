import { LatchkeyError } from "../../../errors.ts";
import type { StepOptions } from "../../../types.ts";
import { first, type Scope, type Script } from "../script.ts";
import { writeAudit } from "./audit.ts";

export function* endEverything(scope: Scope, { audit }: StepOptions): Script<void> {
  const query = scope.db.updateTable("latchkey_meta");
  const raised = yield* first(
    query.set((eb) => ({ global_epoch: eb("global_epoch", "+", 1) })).returning("global_epoch"),
  );
  if (raised === undefined) throw new LatchkeyError("cannot_tell", "the database has lost its global epoch");
  scope.changes.push({ kind: "global_epoch", epoch: raised.global_epoch });
  yield* writeAudit(scope, audit);
}
