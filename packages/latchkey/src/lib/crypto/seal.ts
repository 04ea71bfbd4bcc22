import { decodeBase64url, encodeBase64url } from "../base64url.ts";
import { fromUtf8, toUtf8 } from "../text.ts";
import { randomBytes } from "./random.ts";

/**
 * Encrypts under a key derived from `secret` (HKDF-SHA-256, RFC 5869; AES-256-GCM, NIST SP 800-38D). `context` is
 * authenticated with it: what was sealed for one purpose does not open for another.
 */
export async function seal(secret: string, context: string, plaintext: string): Promise<string> {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const key = await deriveKey(secret, salt);
  const parameters = { name: "AES-GCM", iv, additionalData: toUtf8(context) };
  const box = await globalThis.crypto.subtle.encrypt(parameters, key, toUtf8(plaintext));
  return `1.${encodeBase64url(salt)}.${encodeBase64url(iv)}.${encodeBase64url(new Uint8Array(box))}`;
}

/** What was sealed, or undefined if the secret, the context or the sealed text is another. */
export async function open(secret: string, context: string, sealed: string): Promise<string | undefined> {
  const [version, saltText, ivText, boxText] = sealed.split(".");
  const salt = decodeBase64url(saltText ?? "");
  const iv = decodeBase64url(ivText ?? "");
  const box = decodeBase64url(boxText ?? "");
  if (version !== "1" || !salt || !iv || !box) return undefined;
  const key = await deriveKey(secret, salt);
  const parameters = { name: "AES-GCM", iv, additionalData: toUtf8(context) };
  try {
    return fromUtf8(new Uint8Array(await globalThis.crypto.subtle.decrypt(parameters, key, box)));
  } catch {
    return undefined;
  }
}

async function deriveKey(secret: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const { subtle } = globalThis.crypto;
  const material = await subtle.importKey("raw", toUtf8(secret), "HKDF", false, ["deriveKey"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt, info: toUtf8("latchkey seal 1") };
  return subtle.deriveKey(parameters, material, { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
}
