import { LatchkeyError } from "../errors.ts";
import { decodeBase64url } from "../lib/base64url.ts";
import type { MacKey, SecretJwk } from "../lib/crypto/door.ts";
import { hs256Key } from "../lib/crypto/hs256.ts";
import { crypto } from "../lib/crypto.ts";
import type { KeyAlgorithm, Store, StoredKey } from "../types.ts";
import { type AccessKey, accessHeader } from "./access.ts";
import { addMissingKeys, openKey } from "./sealed-key.ts";

/** The keys of a running process, ready for use. */
export interface Keyring {
  /** For session tokens; newest first. */
  readonly session: readonly MacKey[];
  /** For access tokens, by protected header: no algorithm is ever taken from a token. */
  readonly access: ReadonlyMap<string, AccessKey>;
  /** The access key that signs. */
  readonly signer: AccessKey;
  /** The public halves (RFC 7517, section 5). */
  readonly jwks: { readonly keys: readonly JsonWebKey[] };
}

/**
 * Opens the store's keys, making the first ones where there are none. Several processes that start together
 * agree on the same keys. Keys sealed under an older secret of the list are sealed anew under the first.
 *
 * @throws LatchkeyError `misuse` if no secret of the list opens a key.
 */
export async function loadKeyring(
  store: Store,
  secrets: readonly string[],
  algorithm: KeyAlgorithm,
): Promise<Keyring> {
  const stored = await addMissingKeys(store, secrets, algorithm);
  const session: MacKey[] = [];
  const access = new Map<string, AccessKey>();
  const keys: JsonWebKey[] = [];
  let signer: AccessKey | undefined;
  for (const record of stored) {
    const jwk = await openKey(store, secrets, record);
    if (record.purpose === "session") {
      session.unshift(await crypto.macKey(octets(jwk)));
      continue;
    }
    const key = await accessKey(record, jwk);
    access.set(key.header, key);
    if (key.algorithm === algorithm) signer = key;
    if (record.publicJwk !== null) keys.push(JSON.parse(record.publicJwk));
  }
  if (signer === undefined)
    throw new LatchkeyError("cannot_tell", "the store lost the keys it was just given");
  return { session, access, signer, jwks: { keys } };
}

async function accessKey(record: StoredKey, jwk: SecretJwk): Promise<AccessKey> {
  const { id, algorithm } = record;
  const header = accessHeader(algorithm, id);
  const key = algorithm === "HS256" ? await hs256Key(octets(jwk)) : await crypto.ed25519Key(jwk);
  return { id, algorithm, header, key };
}

function octets(jwk: SecretJwk): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64url(jwk.k ?? "");
  if (bytes === undefined)
    throw new LatchkeyError("cannot_tell", "a stored key does not hold what its purpose needs");
  return bytes;
}
