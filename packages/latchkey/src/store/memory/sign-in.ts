import { isBanned } from "../../lib/standing.ts";
import type { ChangePassword, NewSession, OpenSession, SessionRecord, UserRecord } from "../../types.ts";
import { type Answer, makeSession } from "../records.ts";
import {
  endLive,
  expectNew,
  findLive,
  insertNew,
  liveSessionsOf,
  replaceSession,
  replaceUser,
  type Tables,
} from "./tables.ts";
import { insertUser } from "./users.ts";

type Refused = Exclude<Answer<"openSession">, { ok: true }>;

export function openSession(tables: Tables, input: OpenSession, now: number): Answer<"openSession"> {
  // Before the first write: here nothing is rolled back.
  if (input.session !== null) expectNew(tables.sessions, input.session.id);
  const user = admitUser(tables, input.user, now);
  if ("ok" in user) return user;
  endReplaced(tables, input, now);
  const session = input.session && insertSession(tables, input.session, user, now);
  return { ok: true, user, session, globalEpoch: tables.globalEpoch, now };
}

/** Who may sign in at this moment: the one who was checked before, unchanged, or a new one. */
function admitUser(tables: Tables, wanted: OpenSession["user"], now: number): UserRecord | Refused {
  if ("create" in wanted) return insertUser(tables, wanted.create, now) ?? { ok: false, code: "email_taken" };
  const user = tables.users.get(wanted.id);
  if (user === undefined) return { ok: false, code: "user_not_found" };
  if (isBanned(user, now)) return { ok: false, code: "user_banned" };
  if (user.epoch !== wanted.epoch) return { ok: false, code: "conflict" };
  return user;
}

/** Without a session row no client is named: then the caller's word that it is the same one counts. */
function endReplaced(tables: Tables, { replaces, session }: OpenSession, now: number): void {
  const replaced = replaces === null ? undefined : findLive(tables, replaces, now);
  if (replaced === undefined || (session !== null && replaced.client !== session.client)) return;
  endLive(tables, replaced, "replaced", now);
}

function insertSession(tables: Tables, input: NewSession, user: UserRecord, now: number): SessionRecord {
  const epochs = { userEpoch: user.epoch, globalEpoch: tables.globalEpoch };
  const session = insertNew(tables.sessions, input.id, makeSession(input, user.id, epochs, now));
  const ids = tables.sessionIdsByUser.get(user.id) ?? new Set();
  tables.sessionIdsByUser.set(user.id, ids.add(session.id));
  return session;
}

export function changePassword(
  tables: Tables,
  change: ChangePassword,
  now: number,
): Answer<"changePassword"> {
  const { userId, keep } = change;
  const before = tables.users.get(userId);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  if (before.epoch !== change.epoch) return { ok: false, code: "conflict" };
  const live = liveSessionsOf(tables, userId, now);
  const kept = keep && live.find(({ id }) => id === keep.id);
  if (kept === undefined) return { ok: false, code: "session_ended" };
  const epoch = before.epoch + 1;
  const user = replaceUser(tables, { ...before, passwordHash: change.passwordHash, epoch });
  const others = live.filter(({ id }) => id !== keep?.id);
  for (const session of others) endLive(tables, session, "password_changed", now);
  const session = keep && kept && renew(tables, kept, { tokenHash: keep.tokenHash, userEpoch: epoch });
  return { ok: true, user, session, globalEpoch: tables.globalEpoch, now, ended: others.length };
}

/** Gives a live session a new credential: what was issued for it before carries a lower epoch (P3). */
function renew(
  tables: Tables,
  session: SessionRecord,
  credential: Pick<SessionRecord, "tokenHash" | "userEpoch">,
): SessionRecord {
  return replaceSession(tables, { ...session, ...credential, epoch: session.epoch + 1 });
}
