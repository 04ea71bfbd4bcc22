import { isBanned } from "../../lib/standing.ts";
import type {
  ChangePassword,
  NewSession,
  NewUser,
  OpenSession,
  SessionRecord,
  UserRecord,
} from "../../types.ts";
import { type Answer, makeSession, makeUser, raised, raisedEpoch } from "../records.ts";
import { concerned } from "../rules/changes.ts";
import { makeRoom } from "../rules/session-limit.ts";
import { readyAudit } from "./audit.ts";
import {
  endLive,
  expectNew,
  findLive,
  insertNew,
  liveSessionsOf,
  madeAt,
  replaceSession,
  replaceUser,
  type Tables,
} from "./tables.ts";
import { insertUser, isTaken } from "./users.ts";

type Refused = Exclude<Answer<"openSession">, { ok: true }>;

export function openSession(tables: Tables, input: OpenSession, now: number): Answer<"openSession"> {
  const writeAudit = readyAudit(tables, input.audit, now);
  const admitted = admitUser(tables, input.user, now);
  if ("ok" in admitted) return admitted;
  const replaced = findReplaced(tables, input, now);
  const others = liveSessionsOf(tables, admitted.id, now).filter(({ id }) => id !== replaced?.id);
  const aged = others.map((it) => ({ id: it.id, madeAt: madeAt(tables, it) }));
  const evicted = input.session === null ? [] : makeRoom(aged, input.limit);
  if (evicted === undefined) return { ok: false, code: "session_limit" };
  if (input.session !== null) expectNew(tables.sessions, input.session.id);
  // Nothing refuses or fails from here on.
  const user = "create" in input.user ? insertUser(tables, admitted) : admitted;
  if (replaced !== undefined) endLive(tables, replaced, "replaced", now);
  for (const it of others) if (evicted.includes(it.id)) endLive(tables, it, "evicted", now);
  const session = input.session && insertSession(tables, input.session, user, now);
  writeAudit();
  const { globalEpoch, keysVersion } = tables;
  return { ok: true, user, session, globalEpoch, keysVersion, now, evicted };
}

/** Who may sign in at this moment: the one who was checked before, unchanged, or a new one. */
function admitUser(tables: Tables, wanted: OpenSession["user"], now: number): UserRecord | Refused {
  if ("create" in wanted) return admitNewUser(tables, wanted.create, now);
  const user = tables.users.get(wanted.id);
  if (user === undefined) return { ok: false, code: "user_not_found" };
  if (isBanned(user, now)) return { ok: false, code: "user_banned" };
  if (user.epoch !== wanted.epoch) return { ok: false, code: "conflict" };
  return user;
}

function admitNewUser(tables: Tables, input: NewUser, now: number): UserRecord | Refused {
  if (isTaken(tables, input.email)) return { ok: false, code: "email_taken" };
  expectNew(tables.users, input.id);
  return makeUser(input, now);
}

/** Without a session row no client is named: then the caller's word that it is the same one counts. */
function findReplaced(
  tables: Tables,
  { replaces, session }: OpenSession,
  now: number,
): SessionRecord | undefined {
  const replaced = replaces === null ? undefined : findLive(tables, replaces, now);
  return session === null || replaced?.client === session.client ? replaced : undefined;
}

function insertSession(tables: Tables, input: NewSession, user: UserRecord, now: number): SessionRecord {
  const epochs = { userEpoch: user.epoch, globalEpoch: tables.globalEpoch };
  const session = insertNew(tables.sessions, input.id, makeSession(input, user.id, epochs, now));
  const ids = tables.sessionIdsByUser.get(user.id) ?? new Map();
  tables.sessionIdsByUser.set(user.id, ids.set(session.id, now));
  return session;
}

export function changePassword(
  tables: Tables,
  change: ChangePassword,
  now: number,
): Answer<"changePassword"> {
  const { userId, keep } = change;
  const writeAudit = readyAudit(tables, change.audit, now);
  const before = tables.users.get(userId);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  if (before.epoch !== change.epoch) return { ok: false, code: "conflict" };
  const live = liveSessionsOf(tables, userId, now);
  const kept = keep && live.find(({ id }) => id === keep.id);
  if (kept === undefined) return { ok: false, code: "session_ended" };
  const epoch = raised(before.epoch, now);
  const user = replaceUser(tables, { ...before, passwordHash: change.passwordHash, epoch });
  const others = live.filter(({ id }) => id !== keep?.id);
  for (const session of others) endLive(tables, session, "password_changed", now);
  const session = keep && kept && renew(tables, kept, { tokenHash: keep.tokenHash, userEpoch: epoch }, now);
  writeAudit();
  const { globalEpoch, keysVersion } = tables;
  return { ok: true, user, session, globalEpoch, keysVersion, now, ended: others.length };
}

/** Gives a live session a new credential: what was issued for it before carries a lower epoch (P3). */
function renew(
  tables: Tables,
  session: SessionRecord,
  credential: Pick<SessionRecord, "tokenHash" | "userEpoch">,
  now: number,
): SessionRecord {
  const { id: sessionId, userId } = session;
  const epoch = raisedEpoch(session, now);
  tables.log.pending.push({ kind: "session_epoch", sessionId, userId, epoch, ...concerned(session) });
  return replaceSession(tables, { ...session, ...credential, epoch });
}
