import { decodeBase64url, encodeBase64url } from "../base64url.ts";
import { toUtf8 } from "../text.ts";
import type {
  CryptoDoor,
  MacKey,
  SecretJwk,
  SignatureAlgorithm,
  SignatureKey,
  VerifyingKey,
} from "./door.ts";
import { publicHalf } from "./public-half.ts";

const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** What WebCrypto calls the algorithms: to make a key, to import one, and to use it. */
const parameters = {
  EdDSA: { make: { name: "Ed25519" }, load: { name: "Ed25519" }, use: { name: "Ed25519" } },
  ES256: {
    make: { name: "ECDSA", namedCurve: "P-256" },
    load: { name: "ECDSA", namedCurve: "P-256" },
    use: { name: "ECDSA", hash: "SHA-256" },
  },
  RS256: {
    make: { ...rsa, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    load: rsa,
    use: rsa,
  },
} as const;

/** The door over WebCrypto, for runtimes without `node:crypto`: every operation answers later. */
export function webDoor(subtle: SubtleCrypto): CryptoDoor {
  return {
    sha256: async (text) => encodeBase64url(new Uint8Array(await subtle.digest("SHA-256", toUtf8(text)))),
    macKey: (bytes) => macKey(subtle, bytes),
    async generateKey(algorithm) {
      const pair = await subtle.generateKey(parameters[algorithm].make, true, ["sign", "verify"]);
      if (!("privateKey" in pair)) throw new TypeError("WebCrypto gave no key pair");
      const { key_ops: _, ext: __, ...jwk } = await subtle.exportKey("jwk", pair.privateKey);
      return { kty: "", ...jwk };
    },
    signatureKey: (algorithm, jwk) => signatureKey(subtle, algorithm, jwk),
    verifyingKey: (algorithm, jwk) => verifyingKey(subtle, algorithm, jwk),
  };
}

async function macKey(subtle: SubtleCrypto, bytes: Uint8Array<ArrayBuffer>): Promise<MacKey> {
  const key = await subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return {
    mac: async (text) => encodeBase64url(new Uint8Array(await subtle.sign("HMAC", key, toUtf8(text)))),
  };
}

async function signatureKey(
  subtle: SubtleCrypto,
  algorithm: SignatureAlgorithm,
  jwk: SecretJwk,
): Promise<SignatureKey> {
  const { load, use } = parameters[algorithm];
  const { alg: _, ...secret } = jwk;
  const privateKey = await subtle.importKey("jwk", secret, load, false, ["sign"]);
  return {
    ...(await verifyingKey(subtle, algorithm, publicHalf(jwk))),
    sign: async (text) => encodeBase64url(new Uint8Array(await subtle.sign(use, privateKey, toUtf8(text)))),
  };
}

async function verifyingKey(
  subtle: SubtleCrypto,
  algorithm: SignatureAlgorithm,
  jwk: JsonWebKey,
): Promise<VerifyingKey> {
  const { load, use } = parameters[algorithm];
  const publicKey = await subtle.importKey("jwk", jwk, load, false, ["verify"]);
  return {
    async verifySignature(text, signature) {
      const bytes = decodeBase64url(signature);
      return bytes !== undefined && (await subtle.verify(use, publicKey, bytes, toUtf8(text)));
    },
  };
}
