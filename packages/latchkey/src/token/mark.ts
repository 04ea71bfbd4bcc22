import { equalConstantTime } from "../lib/constant-time.ts";
import type { MacKey } from "../lib/crypto/door.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";

/**
 * Our mark on an opaque token: a MAC over its body and the name of its client, which is not in the token. The
 * transport says which clients may have sent it; no other client's transport accepts it.
 */
export async function mark(keys: readonly MacKey[], body: string, client: string): Promise<string> {
  const [key] = keys;
  if (key === undefined) throw new TypeError("a mark needs a key");
  return `${body}.${await key.mac(marked(body, client))}`;
}

/** The client, of those named, for which the body carries our mark; undefined if there is none. */
export function findMarked(
  keys: readonly MacKey[],
  clients: readonly string[],
  body: string,
  mac: string,
): MaybePromise<string | undefined> {
  return firstMatch(
    keys.flatMap((key) => clients.map((client): Candidate => [key, client])),
    body,
    mac,
  );
}

type Candidate = readonly [key: MacKey, client: string];

function firstMatch(
  [candidate, ...rest]: readonly Candidate[],
  body: string,
  mac: string,
): MaybePromise<string | undefined> {
  if (candidate === undefined) return undefined;
  const [key, client] = candidate;
  return chain(key.mac(marked(body, client)), (expected) =>
    equalConstantTime(expected, mac) ? client : firstMatch(rest, body, mac),
  );
}

function marked(body: string, client: string): string {
  return `${body}.${client}`;
}
