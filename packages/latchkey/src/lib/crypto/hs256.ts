import { equalConstantTime } from "../constant-time.ts";
import { crypto } from "../crypto.ts";
import { chain } from "../maybe-promise.ts";
import type { SignatureKey } from "./door.ts";

/** HS256 (RFC 7518, section 3.2) over a MAC key: comparing the text leaves room for one spelling only. */
export async function hs256Key(bytes: Uint8Array<ArrayBuffer>): Promise<SignatureKey> {
  const key = await crypto.macKey(bytes);
  return {
    sign: (text) => key.mac(text),
    verifySignature: (text, signature) => chain(key.mac(text), (mac) => equalConstantTime(mac, signature)),
  };
}
