import { misuse } from "../../errors.ts";
import type { SecretJwk } from "../../lib/crypto/door.ts";
import { publicHalf } from "../../lib/crypto/public-half.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import { open, seal } from "../../lib/crypto/seal.ts";
import { crypto } from "../../lib/crypto.ts";
import type { KeyAlgorithm, RotateKey, Store, StoredKey } from "../../types.ts";

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

/** A new random key of that id, sealed for the store. */
export async function makeKey(
  secret: string,
  { id, purpose, algorithm }: Pick<StoredKey, "id" | "purpose" | "algorithm">,
): Promise<RotateKey["key"]> {
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
