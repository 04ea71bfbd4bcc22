import type { Change, LoggedChange, SessionId } from "../../types.ts";
import { applyChange } from "./apply.ts";
import { globalChanges, sessionChanges, userChanges } from "./kept.ts";
import { makePackedSessions } from "./packed.ts";
import {
  type GlobalState,
  type Heard,
  type KeyState,
  keyOf,
  type SessionState,
  sessionOf,
  type UserState,
  userOf,
} from "./states.ts";

/**
 * All that one process has heard of what forbids and of what overrides. It only grows stricter: hearing a change twice,
 * late, or after a reset takes nothing back (P13).
 */
export interface Knowledge {
  readonly global: GlobalState;
  /** The state of a session or user, to be held on to: it changes as changes come. */
  holdSession(id: SessionId): SessionState;
  holdUser(id: string): UserState;
  keyState(id: string): KeyState;
  /** Lets go of both: a state that nobody holds is forgotten once it need not be kept. */
  release(sessionId: SessionId, userId: string): void;
  /** Looks without holding on. */
  sessionEpoch(id: SessionId): number;
  user(id: string): UserState | undefined;
  /** Takes a change in; `false`: it is of a kind that this release does not know. */
  apply(logged: LoggedChange, keepFor: number): boolean;
  /** All that must still be kept, as changes again: to make them true elsewhere. */
  kept(): Change[];
  /** Forgets users that need not be kept. */
  sweep(): void;
  readonly sizes: KnowledgeSizes;
}

/** How much is held: sessions and users that something was heard of, and bytes of the packed table. */
export interface KnowledgeSizes {
  readonly sessions: number;
  readonly users: number;
  readonly bytes: number;
}

/** @param now milliseconds since 1970 */
export function makeKnowledge(now: () => number): Knowledge {
  const packed = makePackedSessions(() => Math.floor(now() / 1000));
  const heard: Heard = {
    packed,
    sessions: new Map(),
    users: new Map(),
    keys: new Map(),
    global: { epoch: -1 },
  };
  const { sessions, users, keys, global } = heard;
  return {
    global,
    keyState: (id) => keyOf(heard, id),
    holdSession: (id) => hold(sessionOf(heard, id)),
    holdUser: (id) => hold(userOf(heard, id)),
    release(sessionId, userId) {
      const session = sessions.get(sessionId);
      if (session !== undefined && --session.holders <= 0) sessions.delete(sessionId);
      const user = users.get(userId);
      if (user !== undefined && --user.holders <= 0 && user.keepUntil <= now()) users.delete(userId);
    },
    sessionEpoch: (id) => sessions.get(id)?.epoch ?? packed.get(id),
    user: (id) => users.get(id),
    apply: (logged, keepFor) => applyChange(heard, logged, keepFor),
    kept() {
      const from = now();
      return [...sessionChanges(packed, from), ...userChanges(users, from), ...globalChanges(global, keys)];
    },
    sweep() {
      const time = now();
      for (const [id, { holders, keepUntil }] of users)
        if (holders <= 0 && keepUntil <= time) users.delete(id);
    },
    get sizes() {
      return { sessions: packed.size, users: users.size, bytes: packed.bytes };
    },
  };
}

function hold<State extends { holders: number }>(state: State): State {
  state.holders += 1;
  return state;
}
