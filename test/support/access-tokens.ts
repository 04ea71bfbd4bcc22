import type { KeyAlgorithm, SessionId } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { encodeBase64url } from "../../packages/latchkey/src/lib/base64url.ts";
import type { AccessCheck, AccessClaims } from "../../packages/latchkey/src/token/access.ts";
import { type Keyring, loadKeyring } from "../../packages/latchkey/src/token/keyring.ts";
import type { AccessKey } from "../../packages/latchkey/src/token/signed/jws.ts";

export const issuer = "https://app.example/api/auth";
export const audience = "https://app.example";
/** Seconds. */
export const issuedAt = 1_800_000_000;

/** Keys as a process has them. */
export function makeKeyring(algorithm: KeyAlgorithm): Promise<Keyring> {
  const store = memoryStore({ clock: () => issuedAt * 1000 });
  return loadKeyring(store, ["a secret for tests, of more than 32 characters"], algorithm);
}

/** The key that signs when our tokens are made. */
export function signerOf(keyring: Keyring): AccessKey {
  return keyring.signer(issuedAt * 1000);
}

/** Claims that pass, but for those given. */
export function makeClaims(wanted: Partial<AccessClaims> = {}): AccessClaims {
  return {
    iss: issuer,
    aud: audience,
    sub: "user-1",
    client_id: "mobile",
    iat: issuedAt,
    exp: issuedAt + 900,
    jti: "token-1",
    sid: "AAAAAAAAAAAAAAAAAAAAAA" as SessionId,
    auth_time: issuedAt,
    amr: ["pwd"],
    roles: ["editor"],
    ver: 3,
    epo: [0, 1, 0],
    ...wanted,
  };
}

/** What a token is checked against, a minute after it was made. */
export function makeCheck(keyring: Keyring, now = (issuedAt + 60) * 1000): AccessCheck {
  return { keys: keyring.access, issuer, audience, now };
}

/** Text or bytes as a segment of a token. */
export function segment(content: string | Uint8Array): string {
  return encodeBase64url(typeof content === "string" ? new TextEncoder().encode(content) : content);
}

/** A token with any payload, and any header if given, whose signature is ours. */
export async function signPayload(
  { header, key }: Pick<AccessKey, "header" | "key">,
  payload: string | Uint8Array,
): Promise<string> {
  const input = `${header}.${segment(payload)}`;
  return `${input}.${await key.sign(input)}`;
}
