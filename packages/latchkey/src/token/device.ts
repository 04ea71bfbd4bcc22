import type { MacKey } from "../lib/crypto/door.ts";
import { randomToken } from "../lib/crypto/random.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { findMarked, mark } from "./mark.ts";

/** `lkd_<nonce>.<mac>`: 16 and 32 bytes in base64url. */
const shape = /^(lkd_([A-Za-z0-9_-]{22}))\.([A-Za-z0-9_-]{43})$/;

/**
 * A device token says: somebody once signed in to this account from here. It opens nothing; whoever shows one is only
 * counted apart from strangers who guess at the account (OWASP, "device cookies"). The user stands under the mark and
 * not in the token, so it tells nobody whose it is.
 */
export async function makeDeviceToken(keys: readonly MacKey[], userId: string): Promise<string> {
  return mark(keys, `lkd_${randomToken(16)}`, userId);
}

/** The random part of a device token of this user; undefined if it is not one. No I/O. */
export function checkDeviceToken(
  keys: readonly MacKey[],
  userId: string,
  token: string,
): MaybePromise<string | undefined> {
  const [, body, nonce, mac] = shape.exec(token) ?? [];
  if (body === undefined || mac === undefined) return undefined;
  return chain(findMarked(keys, [userId], body, mac), (found) => (found === undefined ? undefined : nonce));
}

/** The cookie that carries it, one for all clients of a browser. `__Host-` as for the others, over https. */
export function deviceCookieName(secure: boolean): string {
  return `${secure ? "__Host-" : ""}latchkey-device`;
}
