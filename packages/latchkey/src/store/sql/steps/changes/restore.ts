import type { Change, SessionId } from "../../../../types.ts";
import { makeGone } from "../../../records.ts";
import { concerned, floorOver, withUserChange } from "../../../rules/changes.ts";
import { fromSession } from "../../rows/session.ts";
import { first, type Scope, type Script } from "../../script.ts";
import { endLive } from "../live.ts";
import { lockStore, lockUser } from "../locks.ts";
import { raiseFloor, removeUser, replaceUser } from "../users/users.ts";

/** Makes each change true again where it is not (P13); tells how many had an effect. */
export function* restoreChanges(scope: Scope, changes: readonly Change[]): Script<number> {
  let effective = 0;
  // Many users, in no order: one such step at a time, and it waits for nobody who waits for it.
  yield* lockStore(scope);
  for (const change of changes) {
    const before = scope.changes.length;
    if ("sessionId" in change) yield* lockUser(scope, change.userId);
    yield* restore(scope, change);
    if (scope.changes.length > before) effective += 1;
  }
  return effective;
}

function* restore(scope: Scope, change: Change): Script<void> {
  switch (change.kind) {
    case "session_ended":
      return yield* endSession(scope, change);
    case "session_epoch":
      return yield* raiseSession(scope, change);
    case "user_epoch":
    case "user_state":
    case "user_deleted":
      return yield* restoreUser(scope, change);
    case "global_epoch":
      return yield* raiseGlobal(scope, change.epoch);
    case "key_added":
      return; // Its secret half is not in the change.
    case "key_retired":
      return yield* retireKey(scope, change);
  }
}

/** Also one that the store has lost: its tokens may live on, and must not pass for those of one never heard of. */
function* endSession(scope: Scope, change: Extract<Change, { kind: "session_ended" }>): Script<void> {
  const { db, now, changes } = scope;
  if ((yield* endLive(scope, { id: change.sessionId, reason: "revoked" })) > 0) return;
  // Nothing that is there is touched, and what is written has ended: nothing can be revived by it (P4).
  const written = yield* first(
    db
      .insertInto("latchkey_sessions")
      .values(fromSession(makeGone(change, now), now))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id"),
  );
  if (written !== undefined) changes.push(change);
}

function* raiseSession(
  { db, changes }: Scope,
  change: {
    readonly kind: "session_epoch";
    readonly sessionId: SessionId;
    readonly userId: string;
    readonly epoch: number;
  },
): Script<void> {
  const { sessionId, epoch } = change;
  const raised = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set({ epoch })
      .where("id", "=", sessionId)
      .where("epoch", "<", epoch)
      .where("ended_at", "is", null)
      .returning(["user_id", "audiences"]),
  );
  if (raised === undefined) return;
  const others = concerned({ audiences: JSON.parse(raised.audiences) });
  changes.push({ kind: "session_epoch", sessionId, userId: raised.user_id, epoch, ...others });
}

function* restoreUser(
  scope: Scope,
  change: Extract<Change, { kind: "user_epoch" | "user_state" | "user_deleted" }>,
): Script<void> {
  const before = yield* lockUser(scope, change.userId);
  if (before === undefined || change.kind === "user_deleted") yield* raiseFloor(scope, floorOver(change));
  if (before === undefined) {
    // There is no row that could say so; the log still tells whoever goes by it alone.
    if (change.kind !== "user_state") scope.changes.push(change);
    return;
  }
  if (change.kind !== "user_deleted") {
    const user = withUserChange(before, change);
    if (user !== before) yield* replaceUser(scope, before, user);
  } else if (before.epoch < change.epoch) {
    yield* endLive(scope, { userId: change.userId, reason: "user_deleted" });
    yield* removeUser(scope, before);
  }
}

function* raiseGlobal({ db, changes }: Scope, epoch: number): Script<void> {
  const query = db
    .updateTable("latchkey_meta")
    .set({ global_epoch: epoch })
    .where("global_epoch", "<", epoch);
  const raised = yield* first(query.returning("id"));
  if (raised !== undefined) changes.push({ kind: "global_epoch", epoch });
}

function* retireKey(
  { db, changes }: Scope,
  change: { readonly kind: "key_retired"; readonly keyId: string; readonly retiresAt: number },
): Script<void> {
  const { keyId, retiresAt } = change;
  const retired = yield* first(
    db
      .updateTable("latchkey_keys")
      .set({ retires_at: retiresAt })
      .where("id", "=", keyId)
      .where((eb) => eb.or([eb("retires_at", "is", null), eb("retires_at", ">", retiresAt)]))
      .returning("id"),
  );
  if (retired === undefined) return;
  yield* first(
    db
      .updateTable("latchkey_meta")
      .set((eb) => ({ keys_version: eb("keys_version", "+", 1) }))
      .returning("id"),
  );
  changes.push(change);
}
