import type { Change, LoggedChange, SessionId } from "../../types.ts";
import { applyChange, isHeard } from "./apply.ts";
import { globalChanges, sessionChanges, userChanges } from "./kept.ts";
import { makePackedSessions } from "./packed.ts";
import {
  type Dependent,
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
  /** The states that something depends on, which is told of every change of them until it is released. */
  depend(sessionId: SessionId, userId: string, dependent: Dependent): Depended;
  keyState(id: string): KeyState;
  /** A state that nothing depends on is forgotten once it need not be kept. */
  release(sessionId: SessionId, userId: string, dependent: Dependent): void;
  /** Looks without holding on. */
  sessionEpoch(id: SessionId): number;
  user(id: string): UserState | undefined;
  /** Takes a change in; `false`: it is of a kind that this release does not know. */
  apply(logged: LoggedChange, keepFor: number): boolean;
  /** Whether a change, or what is stricter, was taken in before. */
  knows(change: Change): boolean;
  /** All that must still be kept, as changes again: to make them true elsewhere. */
  kept(): Change[];
  /** Forgets users that need not be kept. */
  sweep(): void;
  readonly sizes: KnowledgeSizes;
}

/** What is known of a session and its user. */
export interface Depended {
  readonly session: SessionState;
  readonly user: UserState;
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
    global: { epoch: -1, generation: 0 },
  };
  const { sessions, users, keys, global } = heard;
  return {
    global,
    keyState: (id) => keyOf(heard, id),
    depend(sessionId, userId, dependent) {
      const [session, user] = [sessionOf(heard, sessionId), userOf(heard, userId)];
      session.dependents.push(dependent);
      user.dependents.push(dependent);
      return { session, user };
    },
    release(sessionId, userId, dependent) {
      if (isLeft(sessions.get(sessionId), dependent)) sessions.delete(sessionId);
      const user = users.get(userId);
      if (isLeft(user, dependent) && (user?.keepUntil ?? 0) <= now()) users.delete(userId);
    },
    sessionEpoch: (id) => sessions.get(id)?.epoch ?? packed.get(id),
    user: (id) => users.get(id),
    apply: (logged, keepFor) => applyChange(heard, logged, keepFor),
    knows: (change) => isHeard(heard, change),
    kept() {
      const from = now();
      return [...sessionChanges(packed, from), ...userChanges(users, from), ...globalChanges(global, keys)];
    },
    sweep() {
      const time = now();
      for (const [id, { dependents, keepUntil }] of users)
        if (dependents.length === 0 && keepUntil <= time) users.delete(id);
    },
    get sizes() {
      return { sessions: packed.size, users: users.size, bytes: packed.bytes };
    },
  };
}

/** Takes the dependent away; whether it was the last. */
function isLeft(state: { readonly dependents: Dependent[] } | undefined, dependent: Dependent): boolean {
  if (state === undefined) return false;
  const { dependents } = state;
  const at = dependents.indexOf(dependent);
  const last = dependents.pop();
  // The last one takes the place of the one that leaves.
  if (at >= 0 && at < dependents.length && last !== undefined) dependents[at] = last;
  else if (at < 0 && last !== undefined) dependents.push(last);
  return dependents.length === 0;
}
