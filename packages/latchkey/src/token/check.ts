import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { type CheckedAccessToken, checkAccessToken } from "./access.ts";
import type { Keyring } from "./keyring.ts";
import { type CheckedSessionToken, checkSessionToken, sessionTokenPrefix } from "./opaque.ts";

/** A credential whose form and mark are right. */
export type CheckedToken = CheckedSessionToken | CheckedAccessToken;

/** A checked credential and the client that carries it; or why it is none. */
export type TokenCheck =
  | { readonly ok: true; readonly token: CheckedToken; readonly client: string }
  | { readonly ok: false; readonly code: "credential_invalid" | "access_expired" };

/** What tokens are checked against. */
export interface TokenCheckContext {
  readonly keyring: Keyring;
  readonly issuer: string;
  readonly audience: string;
  readonly now: number;
}

const invalid: TokenCheck = Object.freeze({ ok: false, code: "credential_invalid" });

/**
 * Checks a string without any I/O. What kind it is shows in its form; every kind has keys of its own, so one is
 * never taken for another. `clients` are those on whose transport it came.
 */
export function checkToken(
  context: TokenCheckContext,
  clients: readonly string[],
  value: string,
): MaybePromise<TokenCheck> {
  return value.startsWith(sessionTokenPrefix)
    ? checkOpaque(context, clients, value)
    : checkJwt(context, clients, value);
}

function checkOpaque(
  { keyring }: TokenCheckContext,
  clients: readonly string[],
  value: string,
): MaybePromise<TokenCheck> {
  return chain(checkSessionToken(keyring.session, clients, value), (token) =>
    token === undefined ? invalid : { ok: true, token, client: token.client },
  );
}

function checkJwt(
  context: TokenCheckContext,
  clients: readonly string[],
  value: string,
): MaybePromise<TokenCheck> {
  const { keyring, issuer, audience, now } = context;
  return chain(checkAccessToken({ keys: keyring.access, issuer, audience, now }, value), (checked) => {
    if (typeof checked === "string") return { ok: false, code: checked };
    const client = checked.claims.client_id;
    return clients.includes(client) ? { ok: true, token: checked, client } : invalid;
  });
}
