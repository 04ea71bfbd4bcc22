import { LatchkeyError } from "../../errors.ts";
import { decodeBase64url, encodeBase64url } from "../../lib/base64url.ts";
import type { SignatureKey, VerifyingKey } from "../../lib/crypto/door.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../lib/json.ts";
import { chain, type MaybePromise } from "../../lib/maybe-promise.ts";
import { fromUtf8, toUtf8 } from "../../lib/text.ts";
import type { KeyAlgorithm } from "../../types.ts";
import { maxLength, type ReadLayout, readPayload } from "./payload.ts";

/** A key by which a JWT of ours is checked, with the one protected header its tokens carry. */
export interface CheckingKey {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  /** The first segment of every token of this key, as it stands in the token. */
  readonly header: string;
  readonly key: VerifyingKey;
  /** From when on its tokens are refused, in milliseconds; null: not replaced yet. */
  readonly retiresAt: number | null;
}

/** A key that signs our JWTs too. */
export interface AccessKey extends CheckingKey {
  readonly key: SignatureKey;
  /** When it begins to sign, in milliseconds. */
  readonly activatesAt: number;
}

/** What the signature of a JWT is checked against. */
export interface SignatureCheck {
  readonly keys: ReadonlyMap<string, CheckingKey>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The protected header of our JWTs (RFC 9068, section 2.1), in base64url. */
export function jwtHeader(alg: KeyAlgorithm, kid: string): string {
  return encodeBase64url(toUtf8(JSON.stringify({ alg, typ: "at+jwt", kid })));
}

/** A key that a token names, and nobody has looked for. */
export interface NamedKey {
  readonly header: string;
  readonly algorithm: KeyAlgorithm;
  readonly id: string;
}

const algorithms: readonly KeyAlgorithm[] = ["EdDSA", "ES256", "RS256", "HS256"];

/**
 * The key that is named by what has the form of a JWT of ours; undefined: it has another. Nothing is believed of it:
 * it says what to look for where no key has that header.
 */
export function readKeyName(token: string): NamedKey | undefined {
  const [header, payload, signature, ...rest] = token.length > maxLength ? [] : token.split(".", 4);
  if (header === undefined || !payload || !signature || rest.length > 0) return undefined;
  const bytes = decodeBase64url(header);
  const named = parseJson((bytes && fromUtf8(bytes)) ?? "");
  const id = isJsonObject(named) && typeof named.kid === "string" ? named.kid : "";
  const algorithm = algorithms.find((alg) => jwtHeader(alg, id) === header);
  return algorithm && { header, algorithm, id };
}

/**
 * Signs claims into a compact JWS (RFC 7515, section 7.1).
 *
 * @throws LatchkeyError `misuse` if it would be longer than what is accepted.
 */
export async function signJwt(key: AccessKey, claims: object): Promise<string> {
  const input = `${key.header}.${encodeBase64url(toUtf8(JSON.stringify(claims)))}`;
  const token = `${input}.${await key.key.sign(input)}`;
  if (token.length <= maxLength) return token;
  throw new LatchkeyError(
    "misuse",
    `an access token for this user would have ${token.length} characters, at most ${maxLength} are accepted: ` +
      "give the user fewer or shorter roles, or keep what does not fit in the session's data",
  );
}

/** The members of a JWT, and the key that signed it. */
export interface Signed {
  readonly claims: JsonObject;
  readonly keyId: string;
}

/**
 * The members of a JWT that one of our keys signed, undefined if none did. Nothing of it is read before its signature
 * holds (RFC 8725, section 3.3), and the header is looked up, not parsed: no algorithm is ever taken from a token.
 *
 * @param layout how the payload is usually written
 */
export function readSigned(
  check: SignatureCheck,
  token: string,
  layout?: ReadLayout,
): MaybePromise<Signed | undefined> {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  const isWhole = first >= 0 && second > first && second < token.length - 1;
  if (token.length > maxLength || !isWhole || token.includes(".", second + 1)) return undefined;
  const key = findKey(check.keys, token, first);
  if (key === undefined || (key.retiresAt !== null && key.retiresAt <= check.now)) return undefined;
  const verdict = key.key.verifySignature(token.slice(0, second), token.slice(second + 1));
  return chain(verdict, (valid) => {
    const claims = valid ? readPayload(token.slice(first + 1, second), layout) : undefined;
    return claims && { claims, keyId: key.id };
  });
}

/** Of the few that there are the one whose header the token begins with: a part of the token as a key costs more. */
function findKey(keys: SignatureCheck["keys"], token: string, headerLength: number): CheckingKey | undefined {
  for (const key of keys.values())
    if (key.header.length === headerLength && token.startsWith(key.header)) return key;
  return undefined;
}
