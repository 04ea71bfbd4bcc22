import type { MaybePromise } from "../maybe-promise.ts";

/** A secret key that marks text with HMAC-SHA-256. */
export interface MacKey {
  /** The mark in base64url, 43 characters. */
  mac(text: string): MaybePromise<string>;
}

/** A key that checks the signature over the signing input of a JWS (RFC 7515, section 5). */
export interface VerifyingKey {
  /** False for every spelling of the signature but the canonical one. */
  verifySignature(text: string, signature: string): MaybePromise<boolean>;
}

/** The same, which signs too. */
export interface SignatureKey extends VerifyingKey {
  /** The signature in base64url. */
  sign(text: string): MaybePromise<string>;
}

/** Signatures with a public half: Ed25519 (RFC 8037), ECDSA over P-256 and RSA PKCS #1 1.5 (RFC 7518, section 3.1). */
export type SignatureAlgorithm = "EdDSA" | "ES256" | "RS256";

/** The private half of a key as a JWK (RFC 7517); for HS256 the whole of it. */
export type SecretJwk = JsonWebKey & { readonly kty: string };

/**
 * Where all cryptography of the hot path is done: by `node:crypto` at once where the runtime has it (measured:
 * 2.9 µs an HMAC against 17 µs through WebCrypto), else by WebCrypto.
 */
export interface CryptoDoor {
  /** SHA-256 of UTF-8 text, in base64url. */
  sha256(text: string): MaybePromise<string>;
  /** A MAC key of `bytes`. */
  macKey(bytes: Uint8Array<ArrayBuffer>): MaybePromise<MacKey>;
  /** A new random key. */
  generateKey(algorithm: SignatureAlgorithm): Promise<SecretJwk>;
  /** A key ready to sign and verify. */
  signatureKey(algorithm: SignatureAlgorithm, jwk: SecretJwk): MaybePromise<SignatureKey>;
  /** The public half of somebody's key, ready to verify. Throws if it is none of that algorithm. */
  verifyingKey(algorithm: SignatureAlgorithm, jwk: JsonWebKey): MaybePromise<VerifyingKey>;
}

/** `node:crypto`, by structure. */
export type NodeCrypto = typeof import("node:crypto");
