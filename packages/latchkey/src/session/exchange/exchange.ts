import { type Refusal, refuse } from "../../errors.ts";
import { toSeconds } from "../../lib/clock.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import { scopeMember } from "../../lib/oauth/scope.ts";
import type { ExchangedClaims } from "../../token/signed/exchanged.ts";
import { signJwt } from "../../token/signed/jws.ts";
import type { Audience, Authenticated, SessionRead, SessionRecord, Settings, Store } from "../../types.ts";
import type { ApiContext } from "../context.ts";

/** A session, and what it is to be exchanged for. */
export interface ExchangeRequest {
  readonly current: Authenticated;
  readonly audience: Audience;
  readonly scopes: readonly string[];
  /** Seconds; more than the audience's are cut to those. */
  readonly expiresIn?: number | undefined;
  /** Where the credential ends before its session does: milliseconds. */
  readonly notAfter?: number | undefined;
  /** The service that asks, on the user's behalf. */
  readonly service?: string | undefined;
}

/** A token for a third party. */
export interface Exchanged {
  readonly ok: true;
  readonly value: string;
  readonly claims: ExchangedClaims;
}

/**
 * Makes a token for a third party from a session that is live. The epochs that it carries are read first, and the
 * credential is judged after that: were it the other way round, a revocation between the two would be refused by the
 * old epochs and yet vouched for by the new ones. Whatever is revoked later finds the old epochs in the token.
 */
export async function exchange(
  { keyringSince, settings, store }: ApiContext,
  request: ExchangeRequest,
): Promise<Exchanged | Refusal> {
  const { current } = request;
  const read = await store.readSession(current.session.id, current.user.id);
  const judged = await current.load();
  if (!judged.ok) return judged;
  if (read.user === undefined) return refuse("session_ended");
  const claims = makeClaims(settings, read, read.user.epoch, request);
  // Less than a second is left: a token that has expired already is of no use to anyone.
  if (claims.exp <= claims.iat) return refuse("session_expired");
  // Before there is a token: what ends the session later names the third party (P5).
  if (!(await note(store, read, claims))) return refuse("session_ended");
  const { signer } = await keyringSince(read.keysVersion);
  return { ok: true, value: await signJwt(signer(read.now), claims), claims };
}

/** Tells the store for whom; `false` if the session has ended since it was read. */
async function note(
  store: Store,
  { session, user }: SessionRead,
  { aud: audience, sid: sessionId, sub: userId, epo: [, userEpoch] }: ExchangedClaims,
): Promise<boolean> {
  const isNoted = [session, user].every((it) => it === undefined || it.audiences.includes(audience));
  return isNoted || store.recordExchange({ sessionId, userId, userEpoch, audience });
}

/** RFC 9068, section 2.2. No roles: what a third party may do is said by the scopes it was registered with. */
function makeClaims(
  { issuer }: Settings,
  { session, globalEpoch, now }: SessionRead,
  userEpoch: number,
  { current, audience, scopes, expiresIn = audience.expiresIn, notAfter, service }: ExchangeRequest,
): ExchangedClaims {
  const iat = toSeconds(now);
  const end = session === undefined ? current.session.expiresAt : endOf(session);
  return {
    iss: issuer,
    aud: audience.name,
    sub: current.user.id,
    client_id: service ?? current.client,
    iat,
    exp: Math.min(
      iat + Math.min(expiresIn, audience.expiresIn),
      toSeconds(Math.min(end, notAfter ?? Number.POSITIVE_INFINITY)),
    ),
    jti: randomToken(16),
    sid: current.session.id,
    ...scopeMember(scopes),
    ...(service === undefined ? {} : { act: { sub: service } }),
    epo: session === undefined ? [globalEpoch, userEpoch] : [globalEpoch, userEpoch, session.epoch],
  };
}

/** When the session is over if nobody uses it again: milliseconds. */
export function endOf({ expiresAt, idleTimeout, lastSeenAt }: SessionRecord): number {
  return idleTimeout === null ? expiresAt : Math.min(expiresAt, lastSeenAt + idleTimeout * 1000);
}
