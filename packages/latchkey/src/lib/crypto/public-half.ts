import type { SecretJwk } from "./door.ts";

/** The members of a JWK that may be published (RFC 7518, section 6; RFC 8037, section 2), by name: never what is left. */
const publicMembers = ["kty", "crv", "x", "y", "n", "e"] as const;

/** The public half of a private key. */
export function publicHalf(jwk: SecretJwk): JsonWebKey {
  const members = publicMembers.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]]));
  return Object.fromEntries(members);
}
