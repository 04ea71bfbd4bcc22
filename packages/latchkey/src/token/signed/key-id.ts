import { equalConstantTime } from "../../lib/constant-time.ts";
import type { MacKey } from "../../lib/crypto/door.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import { chain, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { KeyAlgorithm } from "../../types.ts";

/** 12 random bytes in base64url, and so many characters of a mark over them. */
const shape = /^([A-Za-z0-9_-]{16})([A-Za-z0-9_-]{6})$/;
const markLength = 6;

/**
 * A new id for a key that signs JWTs: random, under a short mark. Whoever meets a token by a key that it does not know
 * sees by the mark whether there is, or was, such a key: names that anybody can think of send nobody to the store.
 */
export async function makeKeyId(marks: readonly MacKey[], algorithm: KeyAlgorithm): Promise<string> {
  const [key] = marks;
  if (key === undefined) throw new TypeError("the id of a key needs a mark");
  const name = randomToken(12);
  return name + (await markOf(key, algorithm, name));
}

/** Whether a key of ours was given this id, for this algorithm. No I/O. */
export function isKeyId(
  marks: readonly MacKey[],
  algorithm: KeyAlgorithm,
  id: string,
): MaybePromise<boolean> {
  const [, name, mark] = shape.exec(id) ?? [];
  return name !== undefined && mark !== undefined && isMarked(marks, algorithm, name, mark);
}

function isMarked(
  [key, ...rest]: readonly MacKey[],
  algorithm: KeyAlgorithm,
  name: string,
  mark: string,
): MaybePromise<boolean> {
  if (key === undefined) return false;
  return chain(
    markOf(key, algorithm, name),
    (expected) => equalConstantTime(expected, mark) || isMarked(rest, algorithm, name, mark),
  );
}

/** What else the key marks begins otherwise. */
function markOf(key: MacKey, algorithm: KeyAlgorithm, name: string): MaybePromise<string> {
  return chain(key.mac(`kid.${algorithm}.${name}`), (mac) => mac.slice(0, markLength));
}
