import { misuse } from "../errors.ts";
import type { SecretJwk } from "../lib/crypto/door.ts";
import { publicHalf } from "../lib/crypto/public-half.ts";
import { randomToken } from "../lib/crypto/random.ts";
import { open, seal } from "../lib/crypto/seal.ts";
import { crypto } from "../lib/crypto.ts";
import type { KeyAlgorithm, KeyPurpose, RotateKey, Store, StoredKey } from "../types.ts";

/** The stored keys, and the version of their set. */
export type StoredKeys = Awaited<ReturnType<Store["listKeys"]>>;

/** The stored keys, after adding the first one for each purpose that has none. */
export async function addMissingKeys(
  store: Store,
  secrets: readonly string[],
  algorithm: KeyAlgorithm,
): Promise<StoredKeys> {
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
  for (const [purpose, alg] of missing)
    await store.addFirstKey(await makeKey(secrets[0] ?? "", purpose, alg));
  return store.listKeys();
}

/**
 * The secret half of a stored key. Sealed under an older secret, it is sealed anew under the first, so that the
 * older one can leave the configuration.
 */
export async function openKey(
  store: Store,
  secrets: readonly string[],
  record: StoredKey,
): Promise<SecretJwk> {
  for (const [index, secret] of secrets.entries()) {
    const text = await open(secret, sealContext(record), record.sealed);
    if (text === undefined) continue;
    if (index > 0) {
      await store.resealKey(
        record.id,
        record.sealed,
        await seal(secrets[0] ?? "", sealContext(record), text),
      );
    }
    return JSON.parse(text);
  }
  return misuse(
    `secret: none of the ${secrets.length} configured opens the keys in this database, made with another ` +
      "one: add that secret to the end of the list (LATCHKEY_SECRET=new,old for the latchkey command, which keeps the " +
      "secret it made itself in the file beside the database)",
  );
}

/** A new random key, sealed for the store. */
export async function makeKey(
  secret: string,
  purpose: KeyPurpose,
  algorithm: KeyAlgorithm,
): Promise<RotateKey["key"]> {
  const id = randomToken(16);
  const jwk =
    algorithm === "HS256" ? { kty: "oct", k: randomToken(32) } : await crypto.generateKey(algorithm);
  const sealed = await seal(secret, sealContext({ id, purpose, algorithm }), JSON.stringify(jwk));
  return { id, purpose, algorithm, sealed, publicJwk: publishedJwk(id, algorithm, jwk) };
}

/** What a sealed key is bound to, so that one cannot be put in another's place in the database. */
function sealContext(key: Pick<StoredKey, "id" | "purpose" | "algorithm">): string {
  return `${key.purpose}:${key.algorithm}:${key.id}`;
}

function publishedJwk(kid: string, alg: KeyAlgorithm, jwk: SecretJwk): string | null {
  return alg === "HS256" ? null : JSON.stringify({ ...publicHalf(jwk), kid, alg, use: "sig" });
}
