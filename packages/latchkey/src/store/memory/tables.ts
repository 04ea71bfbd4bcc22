import { LatchkeyError } from "../../errors.ts";
import { deepFreeze } from "../../lib/json.ts";
import { makeTold, type Told } from "../../lib/store/told.ts";
import type { AuditRecord, EndReason, SessionId, SessionRecord, StoredKey, UserRecord } from "../../types.ts";
import { floorAbove, isLive, raised } from "../records.ts";
import { concerned, userChanges } from "../rules/changes.ts";
import { type Log, makeLog } from "./changes/log.ts";

/**
 * Everything the store holds. Records are frozen and replaced, never changed: what a caller was given cannot
 * be changed by a later step, nor the other way round.
 */
export interface Tables {
  readonly users: Map<string, UserRecord>;
  readonly userIdByEmail: Map<string, string>;
  readonly sessions: Map<SessionId, SessionRecord>;
  /** Each with the moment at which it was made, of which its record shows the whole second. */
  readonly sessionIdsByUser: Map<string, Map<SessionId, number>>;
  readonly keys: Map<string, StoredKey>;
  /** Oldest first. */
  readonly audit: AuditRecord[];
  /** The same of each user: every sign-in looks at its user's last. */
  readonly auditByUser: Map<string, AuditRecord[]>;
  readonly log: Log;
  readonly told: Told;
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
    auditByUser: new Map(),
    log: makeLog(),
    told: makeTold(),
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
  if (before !== undefined) tables.log.pending.push(...userChanges(before, user));
  return user;
}

/** Takes a user out, whose sessions have ended. */
export function removeUser(tables: Tables, user: UserRecord, now: number): void {
  const { id, email } = user;
  tables.users.delete(id);
  if (email !== null) tables.userIdByEmail.delete(email);
  raiseFloor(tables, floorAbove(user, now));
  const epoch = raised(user.epoch, now);
  tables.log.pending.push({ kind: "user_deleted", userId: id, epoch, ...concerned(user) });
}

/** Lets no id that comes back begin lower than that. */
export function raiseFloor(tables: Tables, floor: number): void {
  tables.userFloor = Math.max(tables.userFloor, floor);
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

/** The user's live sessions. */
export function liveSessionsOf(tables: Tables, userId: string, now: number): SessionRecord[] {
  const ids = tables.sessionIdsByUser.get(userId)?.keys() ?? [];
  return [...ids].flatMap((id) => findLive(tables, id, now) ?? []);
}

/** When a session was made, to the millisecond. */
export function madeAt(tables: Tables, { id, userId, createdAt }: SessionRecord): number {
  return tables.sessionIdsByUser.get(userId)?.get(id) ?? createdAt;
}

/** Ends a live session: the one place that does. An ended row is never written again (P4). */
export function endLive(tables: Tables, session: SessionRecord, reason: EndReason, now: number): void {
  const { id: sessionId, userId } = session;
  replaceSession(tables, { ...session, epoch: session.epoch + 1, endedAt: now, endReason: reason });
  tables.log.pending.push({ kind: "session_ended", sessionId, userId, ...concerned(session) });
}
