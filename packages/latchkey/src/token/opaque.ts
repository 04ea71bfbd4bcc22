import { equalConstantTime } from "../lib/constant-time.ts";
import type { MacKey } from "../lib/crypto/door.ts";
import { randomToken } from "../lib/crypto/random.ts";
import { crypto } from "../lib/crypto.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import type { SessionId, TokenHash } from "../types.ts";
import { findMarked, mark } from "./mark.ts";

/** What every session token starts with, so that scanners find a leaked one. */
export const sessionTokenPrefix = "lks_";

/** `lks_<id>.<secret>.<mac>`: 16, 32 and 32 bytes in base64url. */
const shape = /^lks_([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** A session token whose mark is ours; whether it still is the session's is for the store to say. */
export interface CheckedSessionToken {
  readonly kind: "session";
  readonly id: SessionId;
  /** The random part; the store knows its hash. */
  readonly secret: string;
  readonly client: string;
}

/** A new random part and the hash under which the store will know it. */
export async function makeSessionSecret(): Promise<{ secret: string; hash: TokenHash }> {
  const secret = randomToken(32);
  return { secret, hash: await hashSecret(secret) };
}

/** Whether the random part is the one whose hash the store keeps. */
export function isSecretOf(secret: string, hash: TokenHash | null): MaybePromise<boolean> {
  return hash !== null && chain(hashSecret(secret), (own) => equalConstantTime(own, hash));
}

/** The hash of a token's random part. Plain SHA-256 will do: the part has 256 random bits. */
function hashSecret(secret: string): MaybePromise<TokenHash> {
  return crypto.sha256(secret) as MaybePromise<TokenHash>;
}

/** Puts a session token together. */
export async function makeSessionToken(
  keys: readonly MacKey[],
  parts: { readonly id: SessionId; readonly secret: string; readonly client: string },
): Promise<string> {
  return mark(keys, `${sessionTokenPrefix}${parts.id}.${parts.secret}`, parts.client);
}

/**
 * Checks form and mark, before any I/O. `clients` are those that may carry the token here; undefined if it is
 * none of theirs. The mark covers the spelling of the token, so only the one we issued passes.
 */
export function checkSessionToken(
  keys: readonly MacKey[],
  clients: readonly string[],
  token: string,
): MaybePromise<CheckedSessionToken | undefined> {
  const [, id, secret, mac] = shape.exec(token) ?? [];
  if (id === undefined || secret === undefined || mac === undefined) return undefined;
  const body = token.slice(0, token.lastIndexOf("."));
  return chain(findMarked(keys, clients, body, mac), (client) =>
    client === undefined ? undefined : { kind: "session", id: id as SessionId, secret, client },
  );
}
