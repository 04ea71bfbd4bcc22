import type { Change, SessionId } from "../../types.ts";
import { ended, type PackedSessions } from "./packed.ts";
import type { GlobalState, KeyState, UserState } from "./states.ts";

/** What was heard, as changes again. Whose a session is the store knows itself. */
export function sessionChanges(heard: PackedSessions, keptFrom: number): Change[] {
  const changes: Change[] = [];
  heard.forEachKept(Math.floor(keptFrom / 1000), (id, epoch) => {
    const session = { sessionId: id as SessionId, userId: "" };
    changes.push(
      epoch === ended ? { kind: "session_ended", ...session } : { kind: "session_epoch", ...session, epoch },
    );
  });
  return changes;
}

export function userChanges(users: ReadonlyMap<string, UserState>, keptFrom: number): Change[] {
  return [...users]
    .filter(([, { keepUntil }]) => keepUntil >= keptFrom)
    .flatMap(([userId, state]) => changesOf(userId, state));
}

function changesOf(userId: string, state: UserState): Change[] {
  const { epoch, version, roles, bannedUntil, ownBan, goneBelow } = state;
  const changes: Change[] = [];
  if (epoch >= 0) changes.push({ kind: "user_epoch", userId, epoch });
  if (version >= 0) {
    const status = bannedUntil === 0 ? "active" : "banned";
    const until = bannedUntil === 0 || bannedUntil === Number.POSITIVE_INFINITY ? null : bannedUntil;
    changes.push({
      ...{ kind: "user_state", userId, version, roles, status, bannedUntil: until },
      ...(ownBan === undefined ? {} : { ownBan }),
    });
  }
  // After what is raised: who is gone has nothing left to raise.
  if (goneBelow >= 0) changes.push({ kind: "user_deleted", userId, epoch: goneBelow });
  return changes;
}

export function globalChanges(global: GlobalState, keys: ReadonlyMap<string, KeyState>): Change[] {
  const changes: Change[] = [];
  if (global.epoch >= 0) changes.push({ kind: "global_epoch", epoch: global.epoch });
  for (const [keyId, { retiresAt }] of keys)
    if (retiresAt !== Number.POSITIVE_INFINITY) changes.push({ kind: "key_retired", keyId, retiresAt });
  return changes;
}
