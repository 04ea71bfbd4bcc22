import { LatchkeyError } from "../../errors.ts";
import { deepFreeze } from "../../lib/json.ts";
import type { AuditRecord, EndReason, SessionId, SessionRecord, StoredKey, UserRecord } from "../../types.ts";
import { isLive } from "../records.ts";

/**
 * Everything the store holds. Records are frozen and replaced, never changed: what a caller was given cannot
 * be changed by a later step, nor the other way round.
 */
export interface Tables {
  readonly users: Map<string, UserRecord>;
  readonly userIdByEmail: Map<string, string>;
  readonly sessions: Map<SessionId, SessionRecord>;
  readonly sessionIdsByUser: Map<string, Set<SessionId>>;
  readonly keys: Map<string, StoredKey>;
  /** Oldest first. */
  readonly audit: AuditRecord[];
  globalEpoch: number;
  keysVersion: number;
  /** What an id that comes back begins with. */
  userFloor: number;
}

/**
 * Runs a step: a synchronous function, so that no other call sees half of it. What can fail in it comes before its
 * first write, for nobody would undo that.
 */
export type Run = <Result>(step: (tables: Tables, now: number) => Result) => Promise<Result>;

/** Tables without rows. */
export function makeTables(): Tables {
  return {
    users: new Map(),
    userIdByEmail: new Map(),
    sessions: new Map(),
    sessionIdsByUser: new Map(),
    keys: new Map(),
    audit: [],
    globalEpoch: 0,
    keysVersion: 0,
    userFloor: 0,
  };
}

/** An id that comes twice is a broken source of randomness, not a refusal. */
export function expectNew<Id>(rows: Map<Id, unknown>, id: Id): void {
  if (rows.has(id))
    throw new LatchkeyError("cannot_tell", `the memory store holds the id ${String(id)} already`);
}

/** Adds a row whose id must be new. */
export function insertNew<Id, Row>(rows: Map<Id, Row>, id: Id, row: Row): Row {
  expectNew(rows, id);
  rows.set(id, deepFreeze(row));
  return row;
}

/** Puts a changed user in the place of the old one. */
export function replaceUser(tables: Tables, user: UserRecord): UserRecord {
  const before = tables.users.get(user.id);
  if (typeof before?.email === "string") tables.userIdByEmail.delete(before.email);
  if (user.email !== null) tables.userIdByEmail.set(user.email, user.id);
  tables.users.set(user.id, deepFreeze(user));
  return user;
}

/** Puts a changed session in the place of the old one. */
export function replaceSession(tables: Tables, session: SessionRecord): SessionRecord {
  tables.sessions.set(session.id, deepFreeze(session));
  return session;
}

/** The session if it is live now. */
export function findLive(tables: Tables, id: SessionId, now: number): SessionRecord | undefined {
  const session = tables.sessions.get(id);
  const user = session && tables.users.get(session.userId);
  if (session === undefined || user === undefined) return undefined;
  const current = { userEpoch: user.epoch, globalEpoch: tables.globalEpoch };
  return isLive(session, current, now) ? session : undefined;
}

/** The user's live sessions, in the order in which they were made. */
export function liveSessionsOf(tables: Tables, userId: string, now: number): SessionRecord[] {
  const ids = tables.sessionIdsByUser.get(userId) ?? [];
  return [...ids].flatMap((id) => findLive(tables, id, now) ?? []);
}

/** Ends a live session: the one place that does. An ended row is never written again (P4). */
export function endLive(tables: Tables, session: SessionRecord, reason: EndReason, now: number): void {
  replaceSession(tables, { ...session, epoch: session.epoch + 1, endedAt: now, endReason: reason });
}
