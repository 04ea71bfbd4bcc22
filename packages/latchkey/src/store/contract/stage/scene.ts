import type { Clock } from "../../../lib/clock.ts";
import { randomToken } from "../../../lib/crypto/random.ts";
import type {
  AuditEntry,
  EventType,
  NewSession,
  NewUser,
  OpenedSession,
  OpenSession,
  SessionId,
  SessionRead,
  SessionRecord,
  Store,
  TokenHash,
  UserRecord,
} from "../../../types.ts";
import { isLive } from "../../records.ts";

/** What one case of the contract runs on: a store without rows, and its clock. */
export interface Scene {
  readonly store: Store;
  /** Another handle on the same data if the store has such; else the same one. Races use both by turns. */
  readonly handles: readonly [Store, Store];
  readonly clock: ManualClock;
  /** Where the data outlive the store: notes what they are, and gives what puts them back so. */
  readonly copy: (() => Promise<() => Promise<void>>) | undefined;
}

/** One sentence of the port's docblocks, and the proof. */
export type ContractCase = readonly [sentence: string, prove: (scene: Scene) => Promise<void>];

/** A clock that moves when told to. */
export interface ManualClock {
  readonly read: Clock;
  advance(milliseconds: number): void;
}

/** Starts off the whole second, so that rounding shows. */
export function makeClock(start = 1_800_000_000_789): ManualClock {
  let now = start;
  return {
    read: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** What an epoch or a version is that was raised so many times at this moment, and never before. */
export function raisedTo({ read }: ManualClock, times = 1): number {
  return read() + times - 1;
}

/** A user nobody has yet. */
export function aUser(wanted: Partial<NewUser> = {}): NewUser {
  const id = randomToken(16);
  return { id, email: `${id}@example.test`, name: null, roles: [], passwordHash: "$hash$0", ...wanted };
}

/** A session nobody has yet: an hour long, without idle limit. */
export function aSession(wanted: Partial<NewSession> = {}): NewSession {
  return {
    id: aSessionId(),
    client: "web",
    tokenHash: aTokenHash(),
    expiresIn: 3600,
    idleTimeout: null,
    amr: ["pwd"],
    ip: "192.0.2.7",
    userAgent: "Test/1.0",
    refreshSalt: null,
    ...wanted,
  };
}

/** A sign-in without a limit that replaces nothing and is not written down. */
export function opening(user: OpenSession["user"], wanted: Partial<OpenSession> = {}): OpenSession {
  return { user, session: aSession(), replaces: null, limit: null, audit: null, ...wanted };
}

/** An entry of the audit log. */
export function anEntry(type: EventType, wanted: Partial<AuditEntry> = {}): AuditEntry {
  const origin = { client: "web", ip: "192.0.2.7", userAgent: "Test/1.0" };
  return { type, actorId: null, userId: null, sessionId: null, ...origin, detail: {}, ...wanted };
}

export function aSessionId(): SessionId {
  return randomToken(16) as SessionId;
}

export function aTokenHash(): TokenHash {
  return randomToken(32) as TokenHash;
}

/** Makes a user. */
export async function makeUserIn(store: Store, wanted: Partial<NewUser> = {}): Promise<UserRecord> {
  const made = await store.createUser(aUser(wanted));
  if (!made.ok) throw new Error(`no user was made: ${made.code}`);
  return made.user;
}

/** Signs a user in who may. */
export async function signIn(
  store: Store,
  user: OpenSession["user"],
  wanted: Partial<NewSession> = {},
  replaces: SessionId | null = null,
): Promise<OpenedSession & { readonly session: SessionRecord }> {
  const opened = await store.openSession(opening(user, { session: aSession(wanted), replaces }));
  if (!opened.ok || opened.session === null)
    throw new Error(`no session was opened: ${JSON.stringify(opened)}`);
  return { ...opened, session: opened.session };
}

/** Judges a read as a strategy would: accepted only if nothing says no. */
export function isAccepted({ session, user, globalEpoch, now }: SessionRead): boolean {
  if (session === undefined || user === undefined) return false;
  return isLive(session, { userEpoch: user.epoch, globalEpoch }, now);
}
