import { decodeBase64url, encodeBase64url } from "../base64url.ts";
import { toUtf8 } from "../text.ts";
import type { CryptoDoor, MacKey, SecretJwk, SignatureKey } from "./door.ts";

/** The door over WebCrypto, for runtimes without `node:crypto`: every operation answers later. */
export function webDoor(subtle: SubtleCrypto): CryptoDoor {
  return {
    sha256: async (text) => encodeBase64url(new Uint8Array(await subtle.digest("SHA-256", toUtf8(text)))),
    macKey: (bytes) => macKey(subtle, bytes),
    async generateEd25519() {
      const pair = await subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
      if (!("privateKey" in pair)) throw new TypeError("WebCrypto gave no Ed25519 key pair");
      const { kty, crv, x, d } = await subtle.exportKey("jwk", pair.privateKey);
      return { kty: kty ?? "OKP", crv: crv ?? "Ed25519", x: x ?? "", d: d ?? "" };
    },
    ed25519Key: (jwk) => ed25519Key(subtle, jwk),
  };
}

async function macKey(subtle: SubtleCrypto, bytes: Uint8Array<ArrayBuffer>): Promise<MacKey> {
  const key = await subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return {
    mac: async (text) => encodeBase64url(new Uint8Array(await subtle.sign("HMAC", key, toUtf8(text)))),
  };
}

async function ed25519Key(subtle: SubtleCrypto, jwk: SecretJwk): Promise<SignatureKey> {
  const { kty, crv, x, d } = jwk;
  const publicHalf = { kty, crv: crv ?? "", x: x ?? "" };
  const privateKey = await subtle.importKey("jwk", { ...publicHalf, d: d ?? "" }, "Ed25519", false, ["sign"]);
  const publicKey = await subtle.importKey("jwk", publicHalf, "Ed25519", false, ["verify"]);
  return {
    sign: async (text) =>
      encodeBase64url(new Uint8Array(await subtle.sign("Ed25519", privateKey, toUtf8(text)))),
    async verifySignature(text, signature) {
      const bytes = decodeBase64url(signature);
      return bytes !== undefined && (await subtle.verify("Ed25519", publicKey, bytes, toUtf8(text)));
    },
  };
}
