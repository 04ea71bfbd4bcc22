import { toSeconds } from "../../lib/clock.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import type { AccessClaims } from "../../token/access.ts";
import type { Client, OpenedSession, SessionId, SessionView, Settings } from "../../types.ts";

/** What of a sign-in a token without a session row repeats; with a row, the row says it. */
export interface Rowless {
  readonly id: SessionId;
  /** Seconds; null: now. */
  readonly authTime: number | null;
  readonly amr: readonly string[];
}

/** The claims of an access token for a session just written or read, or for none. */
export function makeClaims(
  settings: Settings,
  client: Client,
  { user, session, globalEpoch, now }: OpenedSession,
  rowless: Rowless,
): AccessClaims {
  const iat = toSeconds(now);
  const end = session === null ? Number.POSITIVE_INFINITY : toSeconds(session.expiresAt);
  return {
    iss: settings.issuer,
    aud: settings.audience,
    sub: user.id,
    client_id: client.name,
    iat,
    // Never beyond the session's absolute end.
    exp: Math.min(iat + settings.access.expiresIn, end),
    jti: randomToken(16),
    sid: session?.id ?? rowless.id,
    auth_time: session === null ? (rowless.authTime ?? iat) : toSeconds(session.authTime),
    amr: session?.amr ?? rowless.amr,
    roles: user.roles,
    ver: user.version,
    epo: [globalEpoch, user.epoch, session?.epoch ?? 0],
    ...(session === null ? {} : { sst: toSeconds(session.createdAt), sex: end }),
  };
}

/** The session as its token shows it. A token without a session row begins and ends with itself. */
export function viewClaims(claims: AccessClaims): SessionView {
  return {
    id: claims.sid,
    userId: claims.sub,
    client: claims.client_id,
    createdAt: (claims.sst ?? claims.iat) * 1000,
    expiresAt: (claims.sex ?? claims.exp) * 1000,
    authTime: claims.auth_time * 1000,
    amr: claims.amr,
  };
}
