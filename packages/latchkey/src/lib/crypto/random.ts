import type { SessionId } from "../../types.ts";
import { encodeBase64url } from "../base64url.ts";

/** Fills with bytes of the runtime's cryptographic generator. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(size));
}

/** A random string of `size` bytes in base64url. */
export function randomToken(size: number): string {
  return encodeBase64url(randomBytes(size));
}

/** A new session id. */
export function makeSessionId(): SessionId {
  return randomToken(16) as SessionId;
}
