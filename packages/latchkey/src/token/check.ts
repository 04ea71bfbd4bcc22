import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import type { Client } from "../types.ts";
import { type CheckedAccessToken, checkAccessToken } from "./access.ts";
import type { Keyring } from "./keyring.ts";
import { type CheckedSessionToken, checkSessionToken, sessionTokenPrefix } from "./opaque.ts";
import { readKeyName } from "./signed/jws.ts";
import { isKeyId } from "./signed/key-id.ts";
import { readExpired } from "./signed/outlived.ts";

/** A credential whose form and mark are right. Refresh tokens are none: they are exchanged, not presented. */
export type CheckedToken = CheckedSessionToken | CheckedAccessToken;

/** A checked credential and the client that carries it. */
export interface TokenCheck {
  readonly token: CheckedToken;
  readonly client: string;
  /** Of the keys that it was checked with. */
  readonly keysVersion: number;
}

/** What tokens are checked against. */
export interface TokenCheckContext {
  readonly keyring: Keyring;
  readonly issuer: string;
  readonly audience: string;
  readonly now: number;
}

/** On whose transport it came. */
type Carriers = readonly Pick<Client, "name">[];

/**
 * Checks a string without any I/O; undefined if it is none of ours. What kind it is shows in its form; every kind has
 * keys of its own, so one is never taken for another.
 */
export function checkToken(
  context: TokenCheckContext,
  clients: Carriers,
  value: string,
): MaybePromise<TokenCheck | undefined> {
  return value.startsWith(sessionTokenPrefix)
    ? checkOpaque(context, clients, value)
    : checkJwt(context, clients, value);
}

function checkOpaque(
  { keyring }: TokenCheckContext,
  clients: Carriers,
  value: string,
): MaybePromise<TokenCheck | undefined> {
  const names = clients.map(({ name }) => name);
  return chain(checkSessionToken(keyring.macs.session, names, value), (token) =>
    token === undefined ? undefined : { token, client: token.client, keysVersion: keyring.version },
  );
}

function checkJwt(
  context: TokenCheckContext,
  clients: Carriers,
  value: string,
): MaybePromise<TokenCheck | undefined> {
  const { keyring, issuer, audience, now } = context;
  return chain(checkAccessToken({ keys: keyring.access, issuer, audience, now }, value), (token) => {
    const client = token?.claims.client_id;
    if (token === undefined || client === undefined) return undefined;
    for (const { name } of clients)
      if (name === client) return { token, client, keysVersion: keyring.version };
    return undefined;
  });
}

/**
 * The protected header of what may be a JWT by a key of ours that the keyring does not hold, since another process made
 * it; undefined: it is none. No I/O.
 */
export function findUnknownKey(keyring: Keyring, value: string): MaybePromise<string | undefined> {
  const named = value.startsWith(sessionTokenPrefix) ? undefined : readKeyName(value);
  if (named === undefined || keyring.access.has(named.header)) return undefined;
  const { header, algorithm, id } = named;
  return chain(isKeyId(keyring.macs.device, algorithm, id), (ours) => (ours ? header : undefined));
}

/**
 * Whether a string that is none of ours any more is what becomes of an access token: it says itself that it has expired,
 * and names a key that was ours and is gone, as keys go once their last token has expired. Nothing proves it; it tells
 * its client to refresh, and opens nothing.
 */
export function isOutlived(keyring: Keyring, value: string, now: number): MaybePromise<boolean> {
  const named = value.startsWith(sessionTokenPrefix) ? undefined : readExpired(value, now);
  if (named === undefined) return false;
  const known = keyring.access.get(named.header);
  if (known !== undefined) return known.retiresAt !== null && known.retiresAt <= now;
  return isKeyId(keyring.macs.device, named.algorithm, named.id);
}
