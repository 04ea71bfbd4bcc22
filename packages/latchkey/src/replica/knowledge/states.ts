import type { Change, SessionId } from "../../types.ts";
import type { PackedSessions } from "./packed.ts";

/** What depends on what is known of something: told by it that there is news, and then to look again. */
export interface Dependent {
  /** False: something became known since it looked. */
  fresh: boolean;
}

/**
 * What is known of one thing, shared by all that depends on it: a change of it reaches every cached credential in the
 * same moment. Epochs and versions: the highest heard of, -1 where nothing was.
 */
export interface SessionState {
  /** Credentials of a lower one are refused; all are where it is `ended`. */
  epoch: number;
  readonly dependents: Dependent[];
}

export interface UserState {
  epoch: number;
  /** Roles and standing below count for credentials of a lower version. */
  version: number;
  roles: readonly string[];
  /** The user was deleted: credentials of a lower epoch are those of someone who is gone. */
  goneBelow: number;
  /** End of a ban in milliseconds; 0: none, infinite: without end. */
  bannedUntil: number;
  /** As it was heard. */
  ownBan: Extract<Change, { kind: "user_state" }>["ownBan"];
  readonly dependents: Dependent[];
  /** Until when what was heard must be kept, in milliseconds. */
  keepUntil: number;
}

export interface GlobalState {
  epoch: number;
  /** Raised by what may concern everybody: whoever looked under a lower one is to look again. */
  generation: number;
}

export interface KeyState {
  /** From when on nothing that the key signed is accepted, in milliseconds; infinite: not retired. */
  retiresAt: number;
}

/** Everything that was heard. */
export interface Heard {
  /** Of every session that a change named, for as long as it must be kept. */
  readonly packed: PackedSessions;
  /** Of the sessions that somebody holds on to. */
  readonly sessions: Map<SessionId, SessionState>;
  readonly users: Map<string, UserState>;
  readonly keys: Map<string, KeyState>;
  readonly global: GlobalState;
}

/** The state of a user or a key; one of which nothing was heard, if there is none. */
export function userOf({ users }: Heard, id: string): UserState {
  return findOrMake(users, id, () => ({
    ...{ epoch: -1, version: -1, goneBelow: -1, bannedUntil: 0, ownBan: undefined, keepUntil: 0 },
    ...{ roles: [], dependents: [] },
  }));
}

export function keyOf({ keys }: Heard, id: string): KeyState {
  return findOrMake(keys, id, () => ({ retiresAt: Number.POSITIVE_INFINITY }));
}

export function sessionOf({ sessions, packed }: Heard, id: SessionId): SessionState {
  return findOrMake(sessions, id, () => ({ epoch: packed.get(id), dependents: [] }));
}

function findOrMake<Id, State>(states: Map<Id, State>, id: Id, make: () => State): State {
  let state = states.get(id);
  if (state === undefined) {
    state = make();
    states.set(id, state);
  }
  return state;
}

/** There is news of it. */
export function stir({ dependents }: { readonly dependents: readonly Dependent[] }): void {
  for (const dependent of dependents) dependent.fresh = false;
}
