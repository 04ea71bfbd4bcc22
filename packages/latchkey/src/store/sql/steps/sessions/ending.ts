import { LatchkeyError } from "../../../../errors.ts";
import type { EndReason, SessionId, StepOptions } from "../../../../types.ts";
import { all, first, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { purgeKeys } from "../keys/keys.ts";
import { endLive } from "../live.ts";
import { lockUser } from "../locks.ts";
import { replaceUser } from "../users/users.ts";

export function* endSession(
  scope: Scope,
  id: SessionId,
  reason: EndReason,
  { userId, audit }: StepOptions & { readonly userId?: string | undefined },
): Script<boolean> {
  if ((yield* endLive(scope, { id, userId, reason })) === 0) return false;
  yield* writeAudit(scope, audit);
  return true;
}

export function* endSessions(
  scope: Scope,
  userId: string,
  reason: EndReason,
  { except, audit }: StepOptions & { readonly except?: SessionId | undefined },
): Script<number> {
  const before = yield* lockUser(scope, userId);
  const ended = yield* endLive(scope, { userId, except, reason });
  const raised = except === undefined && before !== undefined;
  if (raised) yield* replaceUser(scope, before, { ...before, epoch: before.epoch + 1 });
  if (raised || ended > 0) yield* writeAudit(scope, audit);
  return ended;
}

export function* endEverything(scope: Scope, { audit }: StepOptions): Script<void> {
  const query = scope.db.updateTable("latchkey_meta");
  const raised = yield* first(
    query.set((eb) => ({ global_epoch: eb("global_epoch", "+", 1) })).returning("global_epoch"),
  );
  if (raised === undefined) throw new LatchkeyError("cannot_tell", "the database has lost its global epoch");
  scope.changes.push({ kind: "global_epoch", epoch: raised.global_epoch });
  yield* writeAudit(scope, audit);
}

export function* purgeSessions(scope: Scope, age: number, limit: number): Script<number> {
  const { db, now } = scope;
  // A negative age would reach into the future, where the live ones expire.
  const before = now - Math.max(age, 0);
  yield* purgeKeys(scope, before);
  // Of several who purge at once nobody waits for another.
  const dead = db
    .selectFrom("latchkey_sessions")
    .select("id")
    .where("dies_at", "<", before)
    .limit(limit)
    .forUpdate()
    .skipLocked();
  return (yield* all(db.deleteFrom("latchkey_sessions").where("id", "in", dead).returning("id"))).length;
}
