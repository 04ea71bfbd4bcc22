import { LatchkeyError } from "../errors.ts";
import type { MacKey, SecretJwk } from "../lib/crypto/door.ts";
import { hs256Key } from "../lib/crypto/hs256.ts";
import { macKeyOf, octets } from "../lib/crypto/octets.ts";
import { crypto } from "../lib/crypto.ts";
import type { KeyAlgorithm, KeyPurpose, Store, StoredKey } from "../types.ts";
import { openStoredKeys } from "./keyring/stored-keys.ts";
import { type AccessKey, jwtHeader } from "./signed/jws.ts";

/** The keys of a running process, ready for use. */
export interface Keyring {
  /** For opaque tokens; newest first. */
  readonly macs: { readonly [Purpose in Exclude<KeyPurpose, "access">]: readonly MacKey[] };
  /** For access tokens, by protected header: no algorithm is ever taken from a token. */
  readonly access: ReadonlyMap<string, AccessKey>;
  /** The access key that signs at a moment (milliseconds). */
  readonly signer: (now: number) => AccessKey;
  /** The public halves (RFC 7517, section 5), also of a key that does not sign yet. */
  readonly jwks: { readonly keys: readonly JsonWebKey[] };
  /** Of the set in the store. */
  readonly version: number;
  /** By the id of each key, whatever it is for: from when on nothing that it made is accepted (null: not replaced yet). */
  readonly retirements: ReadonlyMap<string, number | null>;
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
  const { opened, keysVersion } = await openStoredKeys(store, secrets, algorithm);
  const macsOf = async (purpose: KeyPurpose): Promise<MacKey[]> => {
    const own = opened.filter(({ record }) => record.purpose === purpose).reverse();
    return Promise.all(own.map(({ jwk }) => macKeyOf(jwk)));
  };
  const forAccess = opened.filter(({ record }) => record.purpose === "access");
  const access = await Promise.all(forAccess.map(({ record, jwk }) => accessKey(record, jwk)));
  const published = opened.flatMap(({ record }) => record.publicJwk ?? []);
  // Here and not at the first signature: without keys, every good credential would be refused as none of ours.
  pickSigner(access, algorithm, 0);
  return {
    macs: {
      session: await macsOf("session"),
      refresh: await macsOf("refresh"),
      device: await macsOf("device"),
    },
    access: new Map(access.map((key) => [key.header, key])),
    signer: (now) => pickSigner(access, algorithm, now),
    jwks: { keys: published.map((jwk) => JSON.parse(jwk)) },
    version: keysVersion,
    retirements: new Map(opened.map(({ record: { id, retiresAt } }) => [id, retiresAt])),
  };
}

async function accessKey(record: StoredKey, jwk: SecretJwk): Promise<AccessKey> {
  const { id, algorithm, activatesAt, retiresAt } = record;
  const header = jwtHeader(algorithm, id);
  const key = algorithm === "HS256" ? await hs256Key(octets(jwk)) : await crypto.signatureKey(algorithm, jwk);
  return { id, algorithm, header, key, activatesAt, retiresAt };
}

/**
 * The newest active key of the configured algorithm. Right after the algorithm was changed there may be none that is
 * active yet: then the newest of another one goes on signing.
 */
function pickSigner(keys: readonly AccessKey[], algorithm: KeyAlgorithm, now: number): AccessKey {
  const active = keys.filter((key) => key.activatesAt <= now && (key.retiresAt ?? now + 1) > now);
  const signer = active.findLast((key) => key.algorithm === algorithm) ?? active.at(-1) ?? keys.at(-1);
  if (signer === undefined)
    throw new LatchkeyError("cannot_tell", "the store lost the keys it was just given");
  return signer;
}
