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

/** A user whose access token holds; with the session behind it, if there is one. */
export interface JudgedClaims {
  readonly ok: true;
  readonly user: UserRecord;
  readonly session: SessionRecord | undefined;
  readonly now: number;
}

/**
 * Decides for an access token, from the session behind it: `required` says whether there must be one. A lower session
 * epoch means that the credential was renewed since.
 */
export function judgeClaims(
  read: SessionRead,
  client: string,
  [global, user, session]: readonly [global: number, user: number, session: number],
  required: boolean,
): JudgedClaims | Refusal {
  if (read.session === undefined && !required) {
    const judged = judgeUser(read, { global, user });
    return judged.ok ? { ...judged, session: undefined } : judged;
  }
  const judged = judgeSession(read, client);
  if (!judged.ok) return judged;
  return session < judged.session.epoch ? refuse("credential_renewed") : judged;
}
