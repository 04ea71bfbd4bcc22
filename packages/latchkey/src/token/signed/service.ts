import { toSeconds } from "../../lib/clock.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import type { JsonObject } from "../../lib/json.ts";
import { chain, type MaybePromise } from "../../lib/maybe-promise.ts";
import { scopeMember } from "../../lib/oauth/scope.ts";
import { isDate, isEpochs, isText } from "./claim.ts";
import type { AudienceCheck } from "./exchanged.ts";
import { type AccessKey, readSigned, signJwt } from "./jws.ts";

/**
 * The claims of a token that a service got for itself (RFC 9068, section 2.2), dates in seconds. There is no user
 * and no session behind it, so the only epoch it carries is the global one.
 */
export interface ServiceClaims {
  readonly iss: string;
  readonly aud: string;
  /** The service, as in `client_id`. */
  readonly sub: string;
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  /** Separated by spaces; left out: none. */
  readonly scope?: string;
  readonly epo: readonly [global: number];
}

/** Such a token, ours, for one of the audiences. */
export interface CheckedServiceToken {
  readonly claims: ServiceClaims;
  /** Past its `exp`: all that is wrong with it. */
  readonly expired: boolean;
}

/** What such a token is made from. */
export interface ServiceTokenParts {
  readonly issuer: string;
  readonly audience: string;
  readonly service: string;
  readonly scopes: readonly string[];
  readonly globalEpoch: number;
  /** The store's clock, in milliseconds. */
  readonly now: number;
  /** Seconds. */
  readonly expiresIn: number;
}

/** A new one, signed. */
export async function makeServiceToken(
  key: AccessKey,
  parts: ServiceTokenParts,
): Promise<{ readonly value: string; readonly claims: ServiceClaims }> {
  const iat = toSeconds(parts.now);
  const claims: ServiceClaims = {
    iss: parts.issuer,
    aud: parts.audience,
    sub: parts.service,
    client_id: parts.service,
    iat,
    exp: iat + parts.expiresIn,
    jti: randomToken(16),
    ...scopeMember(parts.scopes),
    epo: [parts.globalEpoch],
  };
  return { value: await signJwt(key, claims), claims };
}

/** Checks form, signature, issuer, audience and dates. Not refused here: one that expired or was revoked. */
export function checkServiceToken(
  check: AudienceCheck,
  token: string,
): MaybePromise<CheckedServiceToken | undefined> {
  return chain(readSigned(check, token), (signed) => {
    const claims = signed?.claims;
    if (claims === undefined || !isServiceClaims(claims)) return undefined;
    if (claims.iss !== check.issuer || !check.audiences.has(claims.aud)) return undefined;
    return { claims, expired: claims.exp * 1000 <= check.now };
  });
}

/** A token with a session behind it is none of a service, whatever else it holds. */
function isServiceClaims(value: JsonObject): value is JsonObject & ServiceClaims {
  const { iss, aud, sub, client_id, jti, sid, iat, exp, scope, epo } = value;
  return (
    [iss, aud, sub, client_id, jti].every(isText) &&
    sub === client_id &&
    sid === undefined &&
    [iat, exp].every(isDate) &&
    (scope === undefined || isText(scope)) &&
    isEpochs(epo, 1)
  );
}
