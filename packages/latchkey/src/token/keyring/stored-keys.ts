import { LatchkeyError } from "../../errors.ts";
import type { SecretJwk } from "../../lib/crypto/door.ts";
import { macKeyOf } from "../../lib/crypto/octets.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import type { KeyAlgorithm, KeyPurpose, Store, StoredKey } from "../../types.ts";
import { makeKeyId } from "../signed/key-id.ts";
import { makeKey, openKey } from "./sealed-key.ts";

/** A key of the store, with its secret half. */
export interface OpenedKey {
  readonly record: StoredKey;
  readonly jwk: SecretJwk;
}

/** All keys of the store, opened, with the version of their set. Each purpose that has none is given its first one. */
export async function openStoredKeys(
  store: Store,
  secrets: readonly string[],
  algorithm: KeyAlgorithm,
): Promise<{ readonly opened: readonly OpenedKey[]; readonly keysVersion: number }> {
  const { keys, keysVersion } = await addMissingKeys(store, secrets, algorithm);
  const open = async (record: StoredKey): Promise<OpenedKey> => ({
    record,
    jwk: await openKey(store, secrets, record),
  });
  return { opened: await Promise.all(keys.map(open)), keysVersion };
}

async function addMissingKeys(
  store: Store,
  secrets: readonly string[],
  algorithm: KeyAlgorithm,
): ReturnType<Store["listKeys"]> {
  const stored = await store.listKeys();
  const wanted: readonly (readonly [KeyPurpose, KeyAlgorithm])[] = [
    ["session", "HS256"],
    ["refresh", "HS256"],
    ["device", "HS256"],
    ["access", algorithm],
  ];
  const missing = wanted.filter(
    ([purpose, alg]) => !stored.keys.some((key) => key.purpose === purpose && key.algorithm === alg),
  );
  if (missing.length === 0) return stored;
  // A secret that opens nothing that is there must not add a key which the right one could not open.
  for (const key of stored.keys) await openKey(store, secrets, key);
  for (const [purpose, algorithm] of missing) {
    const id = await makeId(store, secrets, { purpose, algorithm });
    await store.addFirstKey(await makeKey(secrets[0] ?? "", { id, purpose, algorithm }));
  }
  return store.listKeys();
}

/** The id of a key for access tokens is under a mark. What marks it is there by then: its turn comes last. */
async function makeId(
  store: Store,
  secrets: readonly string[],
  { purpose, algorithm }: Pick<StoredKey, "purpose" | "algorithm">,
): Promise<string> {
  if (purpose !== "access") return randomToken(16);
  const { keys } = await store.listKeys();
  const record = keys.findLast((key) => key.purpose === "device");
  if (record === undefined)
    throw new LatchkeyError("cannot_tell", "the store lost the keys it was just given");
  return makeKeyId([await macKeyOf(await openKey(store, secrets, record))], algorithm);
}
