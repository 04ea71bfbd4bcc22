import { equalConstantTime } from "../lib/constant-time.ts";
import type { MacKey } from "../lib/crypto/door.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import type { SessionId, SessionRecord } from "../types.ts";
import { findMarked, mark } from "./mark.ts";

/** What every refresh token starts with, so that scanners find a leaked one. */
export const refreshTokenPrefix = "lkr_";

/** `lkr_<id>.<generation>.<proof>.<mac>`: 16 bytes in base64url, a plain number, 32 and 32 bytes. */
const shape = /^lkr_([A-Za-z0-9_-]{22})\.(0|[1-9]\d{0,8})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** A refresh token whose mark is ours; whether it is the newest of its session is for the store to say. */
export interface CheckedRefreshToken {
  readonly kind: "refresh";
  readonly id: SessionId;
  readonly generation: number;
  readonly proof: string;
  readonly client: string;
}

/** What of a session its refresh tokens are made from. */
export type RefreshParts = Pick<SessionRecord, "id" | "client" | "generation" | "epoch" | "refreshSalt">;

/**
 * The refresh token of the session's present generation. It is computed, not stored: whoever may have it again gets
 * the very same one. The proof needs the session's salt from the store and the key from memory: neither is enough.
 */
export async function makeRefreshToken(keys: readonly MacKey[], session: RefreshParts): Promise<string> {
  const [key] = keys;
  if (key === undefined) throw new TypeError("makeRefreshToken needs a key");
  const proof = await key.mac(proven(session));
  return mark(keys, `${refreshTokenPrefix}${session.id}.${session.generation}.${proof}`, session.client);
}

/** Checks form and mark, before any I/O. `clients` are those that may carry the token here. */
export function checkRefreshToken(
  keys: readonly MacKey[],
  clients: readonly string[],
  token: string,
): MaybePromise<CheckedRefreshToken | undefined> {
  const [, id, generation, proof, mac] = shape.exec(token) ?? [];
  if (id === undefined || generation === undefined || proof === undefined || mac === undefined)
    return undefined;
  const body = token.slice(0, token.lastIndexOf("."));
  return chain(findMarked(keys, clients, body, mac), (client) =>
    client === undefined
      ? undefined
      : { kind: "refresh", id: id as SessionId, generation: Number(generation), proof, client },
  );
}

/**
 * Whether the proof was made for this session as it is now. If not, though the mark is ours, the token is from
 * before the session's credential was renewed.
 */
export async function isProofOf(
  keys: readonly MacKey[],
  token: CheckedRefreshToken,
  session: RefreshParts,
): Promise<boolean> {
  for (const key of keys) {
    const expected = await key.mac(proven({ ...session, generation: token.generation }));
    if (equalConstantTime(expected, token.proof)) return true;
  }
  return false;
}

function proven({ id, generation, epoch, refreshSalt }: RefreshParts): string {
  return `proof.${refreshSalt ?? ""}.${id}.${generation}.${epoch}`;
}
