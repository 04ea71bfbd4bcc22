import { type Refusal, refuse } from "../errors.ts";
import { isBanned } from "../lib/standing.ts";
import type { SessionRead, SessionRecord, UserRecord } from "../types.ts";

/** A session that holds, with its user. */
export interface LiveSession {
  readonly ok: true;
  readonly session: SessionRecord;
  readonly user: UserRecord;
  /** The store's clock at that moment. */
  readonly now: number;
}

/**
 * Decides whether a session still holds, from one read of the store and by the store's clock: it exists, was not
 * ended, is within its limits, its user exists and is not banned, and none of its epochs is behind.
 */
export function judgeSession(read: SessionRead, client: string): LiveSession | Refusal {
  const { session, user, now } = read;
  if (session === undefined || session.endedAt !== null || user === undefined) return refuse("session_ended");
  if (session.client !== client) return refuse("credential_invalid");
  if (isBanned(user, now)) return refuse("account_unavailable");
  if (session.userEpoch < user.epoch || session.globalEpoch < read.globalEpoch)
    return refuse("session_ended");
  if (session.expiresAt <= now || isIdle(session, now)) return refuse("session_expired");
  return { ok: true, session, user, now };
}

/** Decides the same where there is no session row: from the user alone, and the epochs the credential carries. */
export function judgeUser(
  { user, globalEpoch, now }: SessionRead,
  issued: { readonly global: number; readonly user: number },
): { readonly ok: true; readonly user: UserRecord; readonly now: number } | Refusal {
  if (user === undefined || issued.user < user.epoch || issued.global < globalEpoch)
    return refuse("session_ended");
  return isBanned(user, now) ? refuse("account_unavailable") : { ok: true, user, now };
}

function isIdle(session: SessionRecord, now: number): boolean {
  return session.idleTimeout !== null && session.lastSeenAt + session.idleTimeout * 1000 <= now;
}
