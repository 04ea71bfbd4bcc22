import type { Change, LoggedChange, SessionId } from "../../types.ts";
import { ended } from "./packed.ts";
import { type Heard, keyOf, stir, type UserState, userOf } from "./states.ts";

/**
 * Takes a change in, to be kept for so long (milliseconds) from when it was made. What is known only rises, so hearing
 * one twice or late takes nothing back. `false`: of a kind that this release does not know.
 */
export function applyChange(heard: Heard, { at, change }: LoggedChange, keepFor: number): boolean {
  const keepUntil = at + keepFor;
  switch (change.kind) {
    case "session_ended":
      raiseSession(heard, change.sessionId, ended, keepUntil);
      return true;
    case "session_epoch":
      raiseSession(heard, change.sessionId, change.epoch, keepUntil);
      return true;
    case "user_epoch":
      raiseUser(heard, change, keepUntil);
      return true;
    case "user_deleted":
      raiseUser(heard, change, keepUntil).goneBelow = change.epoch;
      return true;
    case "user_state":
      overlay(heard, change, keepUntil);
      return true;
    case "global_epoch":
      heard.global.epoch = Math.max(heard.global.epoch, change.epoch);
      heard.global.generation += 1;
      return true;
    case "key_added":
      return true;
    case "key_retired": {
      const state = keyOf(heard, change.keyId);
      state.retiresAt = Math.min(state.retiresAt, change.retiresAt);
      heard.global.generation += 1;
      return true;
    }
    default:
      return false;
  }
}

/** Whether taking the change in would change nothing. */
export function isHeard({ packed, sessions, users, keys, global }: Heard, change: Change): boolean {
  switch (change.kind) {
    case "session_ended":
    case "session_epoch": {
      const known = sessions.get(change.sessionId)?.epoch ?? packed.get(change.sessionId);
      return known >= (change.kind === "session_ended" ? ended : change.epoch);
    }
    case "user_epoch":
      return (users.get(change.userId)?.epoch ?? -1) >= change.epoch;
    case "user_deleted":
      return (users.get(change.userId)?.goneBelow ?? -1) >= change.epoch;
    case "user_state":
      return (users.get(change.userId)?.version ?? -1) >= change.version;
    case "global_epoch":
      return global.epoch >= change.epoch;
    case "key_retired":
      return (keys.get(change.keyId)?.retiresAt ?? Number.POSITIVE_INFINITY) <= change.retiresAt;
    default:
      return false;
  }
}

function raiseSession({ packed, sessions }: Heard, id: SessionId, epoch: number, keepUntil: number): void {
  packed.raise(id, epoch, Math.ceil(keepUntil / 1000));
  const state = sessions.get(id);
  if (state === undefined) return;
  state.epoch = Math.max(state.epoch, epoch);
  stir(state);
}

function raiseUser(
  heard: Heard,
  { userId, epoch }: { readonly userId: string; readonly epoch: number },
  keepUntil: number,
): UserState {
  const state = userOf(heard, userId);
  state.epoch = Math.max(state.epoch, epoch);
  state.keepUntil = Math.max(state.keepUntil, keepUntil);
  stir(state);
  return state;
}

function overlay(heard: Heard, change: Extract<Change, { kind: "user_state" }>, keepUntil: number): void {
  const state = userOf(heard, change.userId);
  state.keepUntil = Math.max(state.keepUntil, keepUntil);
  if (change.version <= state.version) return;
  state.version = change.version;
  state.roles = Object.freeze([...change.roles]);
  const until = change.bannedUntil ?? Number.POSITIVE_INFINITY;
  state.bannedUntil = change.status === "banned" ? until : 0;
  state.ownBan = change.ownBan;
  stir(state);
}
