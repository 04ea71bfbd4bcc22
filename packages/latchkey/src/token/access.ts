import { type ErrorCode, LatchkeyError } from "../errors.ts";
import { decodeBase64url, encodeBase64url } from "../lib/base64url.ts";
import type { SignatureKey } from "../lib/crypto/door.ts";
import { isJsonObject, type JsonObject, parseJson } from "../lib/json.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { fromUtf8, toUtf8 } from "../lib/text.ts";
import type { KeyAlgorithm, SessionId } from "../types.ts";

/** Longest access token that is looked at, in characters. */
const maxLength = 4096;

/** Latest date a claim may hold, in seconds: far beyond any of ours, far below where numbers lose whole seconds. */
const maxDate = 2 ** 33;

/** A key that signs access tokens, with the one protected header its tokens carry. */
export interface AccessKey {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  /** The first segment of every token of this key, as it stands in the token. */
  readonly header: string;
  readonly key: SignatureKey;
}

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
}

/** An access token that is ours and still runs. */
export interface CheckedAccessToken {
  readonly kind: "access";
  readonly claims: AccessClaims;
}

/** What a token is checked against. */
export interface AccessCheck {
  readonly keys: ReadonlyMap<string, AccessKey>;
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The protected header of our access tokens (RFC 9068, section 2.1), in base64url. */
export function accessHeader(alg: KeyAlgorithm, kid: string): string {
  return encodeBase64url(toUtf8(JSON.stringify({ alg, typ: "at+jwt", kid })));
}

/**
 * Signs claims into a compact JWS (RFC 7515, section 7.1).
 *
 * @throws LatchkeyError `misuse` if it would be longer than what is accepted.
 */
export async function makeAccessToken(key: AccessKey, claims: AccessClaims): Promise<string> {
  const input = `${key.header}.${encodeBase64url(toUtf8(JSON.stringify(claims)))}`;
  const token = `${input}.${await key.key.sign(input)}`;
  if (token.length <= maxLength) return token;
  throw new LatchkeyError(
    "misuse",
    `an access token for this user would have ${token.length} characters, at most ${maxLength} are accepted: ` +
      "give the user fewer or shorter roles, or keep what does not fit in the session's data",
  );
}

/**
 * Checks form, signature, issuer, audience and dates of an access token; nothing of it is read before its
 * signature holds (RFC 8725, section 3.3). Not checked here: whether anything was revoked.
 */
export function checkAccessToken(
  check: AccessCheck,
  token: string,
): MaybePromise<CheckedAccessToken | "credential_invalid" | "access_expired"> {
  const [header, payload, signature, ...rest] = token.length > maxLength ? [] : token.split(".", 4);
  if (header === undefined || payload === undefined || !signature || rest.length > 0)
    return "credential_invalid";
  const key = check.keys.get(header);
  if (key === undefined) return "credential_invalid";
  const input = token.slice(0, header.length + 1 + payload.length);
  return chain(key.key.verifySignature(input, signature), (valid) =>
    valid ? checkClaims(check, payload) : "credential_invalid",
  );
}

function checkClaims(
  check: AccessCheck,
  payload: string,
): CheckedAccessToken | Extract<ErrorCode, "credential_invalid" | "access_expired"> {
  const claims = readClaims(payload);
  if (claims === undefined || claims.iss !== check.issuer || claims.aud !== check.audience) {
    return "credential_invalid";
  }
  return claims.exp * 1000 > check.now ? { kind: "access", claims } : "access_expired";
}

/**
 * The claims of a payload, or undefined unless each is there with its type. Writing the parsed object again must
 * give the same text: that rules out duplicate members, numbers that are no number (1e400) and stray whitespace.
 */
function readClaims(payload: string): AccessClaims | undefined {
  const bytes = decodeBase64url(payload);
  const text = bytes === undefined ? undefined : fromUtf8(bytes);
  const value = text === undefined ? undefined : parseJson(text);
  if (!isJsonObject(value) || !isAccessClaims(value) || JSON.stringify(value) !== text) return undefined;
  return value;
}

function isAccessClaims(value: JsonObject): value is JsonObject & AccessClaims {
  const { iss, aud, sub, client_id, jti, sid, iat, exp, auth_time, amr, roles, ver, epo } = value;
  return (
    [iss, aud, sub, client_id, jti, sid].every(isText) &&
    [iat, exp, auth_time].every(isDate) &&
    isTexts(amr) &&
    isTexts(roles) &&
    isCount(ver) &&
    Array.isArray(epo) &&
    epo.length === 3 &&
    epo.every(isCount)
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A NumericDate (RFC 7519, section 2) in whole seconds. */
function isDate(value: unknown): value is number {
  return isCount(value) && value <= maxDate;
}
