import type { Change } from "../../../types.ts";
import { makeGone } from "../../records.ts";
import { concerned, floorOver, withUserChange } from "../../rules/changes.ts";
import { isRetired } from "../../rules/keys.ts";
import {
  endLive,
  findLive,
  insertNew,
  liveSessionsOf,
  raiseFloor,
  removeUser,
  replaceSession,
  replaceUser,
  type Tables,
} from "../tables.ts";

/** Makes each change true again where it is not (P13); tells how many had an effect. */
export function restoreChanges(tables: Tables, changes: readonly Change[], now: number): number {
  const { pending } = tables.log;
  let effective = 0;
  for (const change of changes) {
    const before = pending.length;
    restore(tables, change, now);
    if (pending.length > before) effective += 1;
  }
  return effective;
}

function restore(tables: Tables, change: Change, now: number): void {
  switch (change.kind) {
    case "session_ended":
      endSession(tables, change, now);
      return;
    case "session_epoch":
      raiseSession(tables, change);
      return;
    case "user_epoch":
    case "user_state":
    case "user_deleted":
      restoreUser(tables, change, now);
      return;
    case "global_epoch":
      if (change.epoch <= tables.globalEpoch) return;
      tables.globalEpoch = change.epoch;
      tables.log.pending.push(change);
      return;
    case "key_added":
      return; // Its secret half is not in the change.
    case "key_retired":
      retireKey(tables, change, now);
      return;
  }
}

/** Also one that the store has lost: its tokens may live on, and must not pass for those of one never heard of. */
function endSession(tables: Tables, change: Extract<Change, { kind: "session_ended" }>, now: number): void {
  const session = findLive(tables, change.sessionId, now);
  if (session !== undefined) endLive(tables, session, "revoked", now);
  if (tables.sessions.has(change.sessionId)) return;
  insertNew(tables.sessions, change.sessionId, makeGone(change, now));
  tables.log.pending.push(change);
}

function raiseSession(tables: Tables, change: Extract<Change, { kind: "session_epoch" }>): void {
  const session = tables.sessions.get(change.sessionId);
  if (session === undefined || session.endedAt !== null || session.epoch >= change.epoch) return;
  replaceSession(tables, { ...session, epoch: change.epoch });
  const { kind, sessionId, epoch } = change;
  tables.log.pending.push({ kind, sessionId, userId: session.userId, epoch, ...concerned(session) });
}

function restoreUser(
  tables: Tables,
  change: Extract<Change, { kind: "user_epoch" | "user_state" | "user_deleted" }>,
  now: number,
): void {
  const before = tables.users.get(change.userId);
  if (before === undefined || change.kind === "user_deleted") raiseFloor(tables, floorOver(change));
  if (before === undefined) {
    // There is no row that could say so; the log still tells whoever goes by it alone.
    if (change.kind !== "user_state") tables.log.pending.push(change);
    return;
  }
  if (change.kind !== "user_deleted") {
    const user = withUserChange(before, change);
    if (user !== before) replaceUser(tables, user);
  } else if (before.epoch < change.epoch) {
    for (const session of liveSessionsOf(tables, before.id, now))
      endLive(tables, session, "user_deleted", now);
    removeUser(tables, before, now);
  }
}

function retireKey(tables: Tables, change: Extract<Change, { kind: "key_retired" }>, now: number): void {
  const key = tables.keys.get(change.keyId);
  if (key === undefined || isRetired(key, Math.min(now, change.retiresAt))) return;
  if (key.retiresAt !== null && key.retiresAt <= change.retiresAt) return;
  tables.keys.set(key.id, Object.freeze({ ...key, retiresAt: change.retiresAt }));
  tables.keysVersion += 1;
  tables.log.pending.push(change);
}
