import type { EndReason, SessionId, StepOptions } from "../../../../types.ts";
import { type Answer, raised } from "../../../records.ts";
import { all, first, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { purgeKeys } from "../keys/keys.ts";
import { endLive, live } from "../live.ts";
import { lockUser } from "../locks.ts";
import { replaceUser } from "../users/users.ts";

export function* endSession(
  scope: Scope,
  id: SessionId,
  reason: EndReason,
  { userId, audit }: StepOptions & { readonly userId?: string | undefined },
): Script<boolean> {
  if ((yield* endLive(scope, { id, userId, reason })) === 0) return false;
  yield* writeAudit(scope, audit);
  return true;
}

export function* endSessions(
  scope: Scope,
  userId: string,
  reason: EndReason,
  { audit }: StepOptions,
): Script<number> {
  const before = yield* lockUser(scope, userId);
  const ended = yield* endLive(scope, { userId, reason });
  if (before === undefined) return ended;
  yield* replaceUser(scope, before, { ...before, epoch: raised(before.epoch, scope.now) });
  yield* writeAudit(scope, audit);
  return ended;
}

export function* endOtherSessions(
  scope: Scope,
  userId: string,
  keep: SessionId | null,
  { reason, audit }: StepOptions & { readonly reason: EndReason },
): Script<Answer<"endOtherSessions">> {
  // Two that end each other wait here for one another: the second finds itself ended.
  yield* lockUser(scope, userId);
  if (keep !== null && !(yield* isLiveOf(scope, userId, keep))) return { ok: false, code: "session_ended" };
  const ended = yield* endLive(scope, { userId, except: keep ?? undefined, reason });
  if (ended > 0) yield* writeAudit(scope, audit);
  return { ok: true, ended };
}

function* isLiveOf({ db, now }: Scope, userId: string, id: SessionId): Script<boolean> {
  const query = db.selectFrom("latchkey_sessions").select("id").where("id", "=", id);
  return (yield* first(query.where("user_id", "=", userId).where(live(now)))) !== undefined;
}

export function* purgeSessions(scope: Scope, age: number, limit: number): Script<number> {
  const { db, now } = scope;
  // A negative age would reach into the future, where the live ones expire.
  const before = now - Math.max(age, 0);
  yield* purgeKeys(scope, before);
  // Of several who purge at once nobody waits for another.
  const dead = db
    .selectFrom("latchkey_sessions")
    .select("id")
    .where("dies_at", "<", before)
    .limit(limit)
    .forUpdate()
    .skipLocked();
  return (yield* all(db.deleteFrom("latchkey_sessions").where("id", "in", dead).returning("id"))).length;
}
