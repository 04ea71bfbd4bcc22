import { isJsonObject, type JsonObject } from "../../lib/json.ts";
import { chain, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { SessionId } from "../../types.ts";
import { isDate, isEpochs, isText } from "./claim.ts";
import { readSigned, type SignatureCheck } from "./jws.ts";

/**
 * The claims of a token that a session was exchanged for, dates in seconds. It lacks what an access token of ours must
 * have, and is for another audience: our own routes take it for nothing (RFC 8725, section 3.12).
 */
export interface ExchangedClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  /** Who asked for it: the client of the session, or a service. */
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly sid: SessionId;
  /** Separated by spaces; left out: none. */
  readonly scope?: string;
  /** The service that acts for the user (RFC 8693, section 4.1). */
  readonly act?: { readonly sub: string };
  /** The epochs when it was made; without the session's there was no session row behind the credential. */
  readonly epo:
    | readonly [global: number, user: number, session: number]
    | readonly [global: number, user: number];
}

/** Such a token, ours, for one of the audiences. */
export interface CheckedExchangedToken {
  readonly claims: ExchangedClaims;
  /** The key that signed it. */
  readonly keyId: string;
  /** Past its `exp`: all that is wrong with it. */
  readonly expired: boolean;
}

/** What tokens for others are checked against. */
export interface AudienceCheck extends SignatureCheck {
  readonly issuer: string;
  /** For exchanged tokens never this server itself: an access token of ours has all that one of them must have. */
  readonly audiences: { has(audience: string): boolean };
}

/** Checks form, signature, issuer, audience and dates. Not refused here: one that expired or was revoked. */
export function checkExchangedToken(
  check: AudienceCheck,
  token: string,
): MaybePromise<CheckedExchangedToken | undefined> {
  return chain(readSigned(check, token), (signed) => {
    if (signed === undefined || !isExchanged(signed.claims)) return undefined;
    const { claims } = { claims: signed.claims };
    if (claims.iss !== check.issuer || !check.audiences.has(claims.aud)) return undefined;
    return { claims, keyId: signed.keyId, expired: claims.exp * 1000 <= check.now };
  });
}

function isExchanged(value: JsonObject): value is JsonObject & ExchangedClaims {
  const { iss, aud, sub, client_id, jti, sid, iat, exp, scope, act, epo } = value;
  return (
    [iss, aud, sub, client_id, jti, sid].every(isText) &&
    [iat, exp].every(isDate) &&
    (scope === undefined || isText(scope)) &&
    (act === undefined || (isJsonObject(act) && isText(act.sub))) &&
    (isEpochs(epo, 3) || isEpochs(epo, 2))
  );
}
