import { isBanned } from "../../../lib/standing.ts";
import type { ChangePassword, OpenSession, SessionRecord, UserRecord } from "../../../types.ts";
import { type Answer, makeSession } from "../../records.ts";
import { fromSession, toSession } from "../rows.ts";
import { first, run, type Scope, type Script } from "../script.ts";
import { endLive, live } from "./live.ts";
import { lockUser, readMeta } from "./locks.ts";
import { changeUser, insertUser } from "./users.ts";

type Refused = Exclude<Answer<"openSession">, { ok: true }>;

export function* openSession(scope: Scope, input: OpenSession): Script<Answer<"openSession">> {
  const { db, now } = scope;
  const user = yield* admitUser(scope, input.user);
  if ("ok" in user) return user;
  const globalEpoch = (yield* readMeta(scope)).global_epoch;
  // Without a session row no client is named: then the caller's word that it is the same one counts.
  const replaced = { id: input.replaces ?? undefined, client: input.session?.client };
  if (replaced.id !== undefined) yield* endLive(scope, { ...replaced, reason: "replaced" });
  if (input.session === null) return { ok: true, user, session: null, globalEpoch, now };
  const session = makeSession(input.session, user.id, { userEpoch: user.epoch, globalEpoch }, now);
  yield* run(db.insertInto("latchkey_sessions").values(fromSession(session)));
  return { ok: true, user, session, globalEpoch, now };
}

/** Who may sign in at this moment: the one who was checked before, unchanged, or a new one. */
function* admitUser(scope: Scope, wanted: OpenSession["user"]): Script<UserRecord | Refused> {
  if ("create" in wanted) {
    return (yield* insertUser(scope, wanted.create)) ?? { ok: false, code: "email_taken" };
  }
  const user = yield* lockUser(scope, wanted.id);
  if (user === undefined) return { ok: false, code: "user_not_found" };
  if (isBanned(user, scope.now)) return { ok: false, code: "user_banned" };
  if (user.epoch !== wanted.epoch) return { ok: false, code: "conflict" };
  return user;
}

export function* changePassword(scope: Scope, change: ChangePassword): Script<Answer<"changePassword">> {
  const { userId, keep } = change;
  const before = yield* lockUser(scope, userId);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  if (before.epoch !== change.epoch) return { ok: false, code: "conflict" };
  const session = keep && (yield* renew(scope, before, keep));
  if (session === undefined) return { ok: false, code: "session_ended" };
  const ended = yield* endLive(scope, { userId, except: keep?.id, reason: "password_changed" });
  const hash = { password_hash: change.passwordHash };
  const changed = yield* changeUser(scope, userId, hash, { version: 0, epoch: 1 });
  if (!changed.ok) return changed;
  const globalEpoch = (yield* readMeta(scope)).global_epoch;
  return { ok: true, user: changed.user, session, globalEpoch, now: scope.now, ended };
}

/** Gives a live session of the user a new credential: what was issued for it before carries a lower epoch (P3). */
function* renew(
  { db, now }: Scope,
  user: UserRecord,
  keep: NonNullable<ChangePassword["keep"]>,
): Script<SessionRecord | undefined> {
  const row = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set((eb) => ({ token_hash: keep.tokenHash, user_epoch: user.epoch + 1, epoch: eb("epoch", "+", 1) }))
      .where("id", "=", keep.id)
      .where("user_id", "=", user.id)
      .where(live(now))
      .returningAll(),
  );
  return row && toSession(row);
}
