import { LatchkeyError } from "../errors.ts";
import { publicHalf } from "../lib/crypto/public-half.ts";
import { crypto } from "../lib/crypto.ts";
import { isJsonObject } from "../lib/json.ts";
import { unref } from "../lib/timing/wake.ts";
import { type CheckingKey, jwtHeader, readKeyName } from "../token/signed/jws.ts";
import { readExpired } from "../token/signed/outlived.ts";
import type { Server } from "./server.ts";

/** The server's keys by the protected header that its tokens carry. */
export type CheckingKeys = ReadonlyMap<string, CheckingKey>;

/** The server's public keys, read when they are needed. */
export interface PublicKeys {
  /** Those at hand; undefined before the first reading. */
  current(): CheckingKeys | undefined;
  /**
   * Reads them, once for all who ask meanwhile.
   *
   * @throws LatchkeyError `cannot_tell` if the server does not answer with keys; those at hand stay
   */
  read(): Promise<CheckingKeys>;
  /** Reads them until one of this id is among them: it was just added, and not every process publishes it yet. */
  hear(keyId: string): Promise<void>;
  /**
   * Reads them if a token names a header that is not among them, but not for every token that does: rejects where the
   * last try has failed, for whose key could not be looked for is not told that there is none.
   */
  find(token: string): Promise<CheckingKeys> | undefined;
  /**
   * Whether a token says itself that it has expired, and its key is not among those that are left. Nothing proves it; it
   * tells its client to refresh, and opens nothing.
   */
  isOutlived(token: string, now: number): boolean;
}

/** A header that is not known makes the keys be read at most so often, in milliseconds. */
const searchEvery = 5000;
/** When to look again for a key that was added, in milliseconds after it was not there. */
const lookAgain = [50, 500, 1500];
const algorithms: ReadonlySet<unknown> = new Set(["EdDSA", "ES256", "RS256"]);

export function makePublicKeys(server: Server, monotonic: () => number): PublicKeys {
  let keys: CheckingKeys | undefined;
  let reading: Promise<CheckingKeys> | undefined;
  let searched = Number.NEGATIVE_INFINITY;
  let failure: LatchkeyError | undefined;

  async function readNow(): Promise<CheckingKeys> {
    const { keys: jwks } = await server.jwks();
    // Something else answered in its place: that says nothing of the keys.
    if (!Array.isArray(jwks)) throw new LatchkeyError("cannot_tell", "the server's answer is no JWK set");
    const found = await Promise.all(jwks.map(checkingKey));
    const usable = found.filter((key) => key !== undefined);
    keys = new Map(usable.map((key) => [key.header, key]));
    return keys;
  }

  function read(): Promise<CheckingKeys> {
    reading ??= readNow()
      .then(
        (found) => {
          failure = undefined;
          return found;
        },
        (error: unknown) => {
          failure = server.fault(error);
          throw failure;
        },
      )
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  const has = (keyId: string): boolean => [...(keys?.values() ?? [])].some(({ id }) => id === keyId);

  return {
    current: () => keys,
    read,
    async hear(keyId) {
      for (const pause of [0, ...lookAgain]) {
        if (has(keyId)) return;
        if (pause > 0) await new Promise((done) => unref(setTimeout(done, pause)));
        await read().catch(() => undefined);
      }
      if (failure !== undefined) throw failure;
    },
    find(token) {
      if (keys?.has(token.slice(0, token.indexOf("."))) || readKeyName(token) === undefined) return undefined;
      if (reading !== undefined) return reading;
      if (monotonic() - searched >= searchEvery) {
        searched = monotonic();
        return read();
      }
      return failure && Promise.reject(failure);
    },
    isOutlived(token, now) {
      const named = readExpired(token, now);
      return named !== undefined && !keys?.has(named.header);
    },
  };
}

/** undefined: of an algorithm that is not ours, or not usable here; its tokens are then refused. */
async function checkingKey(jwk: unknown): Promise<CheckingKey | undefined> {
  if (!isJsonObject(jwk) || typeof jwk.kid !== "string" || typeof jwk.kty !== "string") return undefined;
  if (!algorithms.has(jwk.alg)) return undefined;
  const algorithm = jwk.alg as "EdDSA" | "ES256" | "RS256";
  try {
    const key = await crypto.verifyingKey(algorithm, publicHalf({ ...jwk, kty: jwk.kty }));
    return { id: jwk.kid, algorithm, header: jwtHeader(algorithm, jwk.kid), key, retiresAt: null };
  } catch {
    return undefined;
  }
}
