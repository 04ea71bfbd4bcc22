import type { JsonObject } from "../lib/json.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import type { SessionId } from "../types.ts";
import { readAccessLayout } from "./access-layout.ts";
import { isCount, isDate, isEpochs, isText, isTexts } from "./signed/claim.ts";
import { type AccessKey, readSigned, type SignatureCheck, signJwt } from "./signed/jws.ts";

/** The claims of our access tokens (RFC 9068, section 2.2), dates in seconds. */
export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly sid: SessionId;
  readonly auth_time: number;
  readonly amr: readonly string[];
  readonly roles: readonly string[];
  /** The user's version when the token was made. */
  readonly ver: number;
  /** The epochs when the token was made: global, user's, session's. */
  readonly epo: readonly [global: number, user: number, session: number];
  /** Begin and absolute end of the session behind the token; without them the token is its own session. */
  readonly sst?: number;
  readonly sex?: number;
}

/** An access token that is ours. */
export interface CheckedAccessToken {
  readonly kind: "access";
  readonly claims: AccessClaims;
  /** The key that signed it. */
  readonly keyId: string;
  /** Past its `exp`: all that is wrong with it. */
  readonly expired: boolean;
}

/** What a token is checked against. */
export interface AccessCheck extends SignatureCheck {
  readonly issuer: string;
  readonly audience: string;
}

/** Signs the claims of an access token. */
export function makeAccessToken(key: AccessKey, claims: AccessClaims): Promise<string> {
  return signJwt(key, claims);
}

/**
 * Checks form, signature, issuer, audience and dates of an access token. Not refused here: an expired one, and one that
 * was revoked.
 */
export function checkAccessToken(
  check: AccessCheck,
  token: string,
): MaybePromise<CheckedAccessToken | undefined> {
  return chain(readSigned(check, token, readAccessLayout), (signed) => {
    if (signed === undefined || !isAccessClaims(signed.claims)) return undefined;
    const { keyId } = signed;
    const claims: AccessClaims = signed.claims;
    if (claims.iss !== check.issuer || claims.aud !== check.audience) return undefined;
    return { kind: "access", claims, keyId, expired: claims.exp * 1000 <= check.now };
  });
}

/** Each claim must be there with its type. What else we sign (for others, for services) lacks some of them. */
function isAccessClaims(value: JsonObject): value is JsonObject & AccessClaims {
  const { iss, aud, sub, client_id, jti, sid, iat, exp, auth_time, amr, roles, ver, epo, sst, sex } = value;
  return (
    // One by one and not in lists: this stands in the way of every token that is seen for the first time.
    isText(iss) &&
    isText(aud) &&
    isText(sub) &&
    isText(client_id) &&
    isText(jti) &&
    isText(sid) &&
    isDate(iat) &&
    isDate(exp) &&
    isDate(auth_time) &&
    isTexts(amr) &&
    isTexts(roles) &&
    isCount(ver) &&
    (sst === undefined || isDate(sst)) &&
    (sex === undefined || isDate(sex)) &&
    isEpochs(epo, 3)
  );
}
