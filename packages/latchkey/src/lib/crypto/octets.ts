import { LatchkeyError } from "../../errors.ts";
import { decodeBase64url } from "../base64url.ts";
import { crypto } from "../crypto.ts";
import type { MacKey, SecretJwk } from "./door.ts";

/** The MAC key that a symmetric key is. */
export async function macKeyOf(jwk: SecretJwk): Promise<MacKey> {
  return crypto.macKey(octets(jwk));
}

/** The bytes of a symmetric key (RFC 7518, section 6.4). */
export function octets(jwk: SecretJwk): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64url(jwk.k ?? "");
  if (bytes === undefined)
    throw new LatchkeyError("cannot_tell", "a stored key does not hold what its purpose needs");
  return bytes;
}
