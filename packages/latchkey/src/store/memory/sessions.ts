import type {
  EndReason,
  RecordExchange,
  SessionData,
  SessionId,
  SessionRead,
  SessionRecord,
  StepOptions,
} from "../../types.ts";
import { type Answer, limitOf, raised } from "../records.ts";
import { exchangedFor } from "../rules/changes.ts";
import { readyAudit } from "./audit.ts";
import { purgeKeys } from "./keys.ts";
import {
  endLive,
  findLive,
  liveSessionsOf,
  madeAt,
  replaceSession,
  replaceUser,
  type Tables,
} from "./tables.ts";

export function readSession(
  tables: Tables,
  id: SessionId,
  userId: string | undefined,
  now: number,
): SessionRead {
  const session = tables.sessions.get(id);
  const owner = session?.userId ?? userId;
  const user = owner === undefined ? undefined : tables.users.get(owner);
  const { globalEpoch, keysVersion } = tables;
  return { session, user, globalEpoch, keysVersion, now };
}

export function listSessions(
  tables: Tables,
  userId: string,
  limit: number | undefined,
  now: number,
): readonly SessionRecord[] {
  // Of those that began in one millisecond the one seen last comes first.
  const newestFirst = liveSessionsOf(tables, userId, now).sort(
    (a, b) => madeAt(tables, b) - madeAt(tables, a) || b.lastSeenAt - a.lastSeenAt || (a.id < b.id ? -1 : 1),
  );
  return newestFirst.slice(0, limit);
}

export function touchSession(tables: Tables, id: SessionId, minAge: number, now: number): boolean {
  const session = findLive(tables, id, now);
  if (session === undefined || now - session.lastSeenAt <= minAge) return false;
  replaceSession(tables, { ...session, lastSeenAt: now });
  return true;
}

export function updateSession(
  tables: Tables,
  id: SessionId,
  version: number,
  data: SessionData,
  now: number,
): Answer<"updateSession"> {
  const session = findLive(tables, id, now);
  if (session === undefined) return { ok: false, code: "session_ended" };
  if (session.version !== version) return { ok: false, code: "conflict" };
  // By way of JSON, as every other store keeps it: what JSON cannot say is lost here too, not only in production.
  const copy: SessionData = JSON.parse(JSON.stringify(data));
  return { ok: true, session: replaceSession(tables, { ...session, data: copy, version: version + 1 }) };
}

export function recordExchange(
  tables: Tables,
  { sessionId, userId, userEpoch, audience }: RecordExchange,
  now: number,
): boolean {
  const user = tables.users.get(userId);
  const session = findLive(tables, sessionId, now);
  const isGone = session === undefined ? tables.sessions.has(sessionId) : session.userId !== userId;
  if (user?.epoch !== userEpoch || isGone) return false;
  if (session !== undefined) replaceSession(tables, exchangedFor(session, audience));
  replaceUser(tables, exchangedFor(user, audience));
  return true;
}

export function endSession(
  tables: Tables,
  id: SessionId,
  reason: EndReason,
  { userId, audit }: StepOptions & { readonly userId?: string | undefined },
  now: number,
): boolean {
  const writeAudit = readyAudit(tables, audit, now);
  const session = findLive(tables, id, now);
  if (session === undefined || (userId !== undefined && session.userId !== userId)) return false;
  endLive(tables, session, reason, now);
  writeAudit();
  return true;
}

export function endSessions(
  tables: Tables,
  userId: string,
  reason: EndReason,
  { audit }: StepOptions,
  now: number,
): number {
  const writeAudit = readyAudit(tables, audit, now);
  const ending = liveSessionsOf(tables, userId, now);
  for (const session of ending) endLive(tables, session, reason, now);
  const user = tables.users.get(userId);
  if (user === undefined) return ending.length;
  replaceUser(tables, { ...user, epoch: raised(user.epoch, now) });
  writeAudit();
  return ending.length;
}

export function endOtherSessions(
  tables: Tables,
  userId: string,
  keep: SessionId | null,
  { reason, audit }: StepOptions & { readonly reason: EndReason },
  now: number,
): Answer<"endOtherSessions"> {
  const writeAudit = readyAudit(tables, audit, now);
  const live = liveSessionsOf(tables, userId, now);
  const others = live.filter(({ id }) => id !== keep);
  if (keep !== null && others.length === live.length) return { ok: false, code: "session_ended" };
  for (const session of others) endLive(tables, session, reason, now);
  if (others.length > 0) writeAudit();
  return { ok: true, ended: others.length };
}

export function endEverything(tables: Tables, { audit }: StepOptions, now: number): void {
  const writeAudit = readyAudit(tables, audit, now);
  tables.globalEpoch = raised(tables.globalEpoch, now);
  tables.log.pending.push({ kind: "global_epoch", epoch: tables.globalEpoch });
  writeAudit();
}

export function purgeSessions(tables: Tables, age: number, limit: number, now: number): number {
  // A negative age would reach into the future, where the live ones expire.
  const before = now - Math.max(age, 0);
  purgeKeys(tables, before);
  let purged = 0;
  for (const session of tables.sessions.values()) {
    if (purged >= limit) break;
    if ((session.endedAt ?? limitOf(session)) >= before) continue;
    forget(tables, session);
    purged += 1;
  }
  return purged;
}

function forget(tables: Tables, { id, userId }: SessionRecord): void {
  tables.sessions.delete(id);
  const ids = tables.sessionIdsByUser.get(userId);
  ids?.delete(id);
  if (ids?.size === 0) tables.sessionIdsByUser.delete(userId);
}
