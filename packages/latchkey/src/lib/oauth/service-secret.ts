import { misuse } from "../../errors.ts";
import { equalConstantTime } from "../constant-time.ts";
import { crypto } from "../crypto.ts";

/** Length of 32 random bytes in base64url. */
const minLength = 43;

/** Compared where there is no such service: nobody knows a text with this hash. */
const nobody = "A".repeat(minLength);

/**
 * What goes into `services` instead of a secret of at least 32 random bytes, e.g. `openssl rand -hex 32` (letters
 * and digits: clients differ on how other signs are encoded). Plain SHA-256 will do for so many random bits, and no others
 * are taken: a password would be found by guessing.
 *
 * @throws LatchkeyError `misuse` if the secret is too short
 */
export async function hashServiceSecret(secret: string): Promise<string> {
  if (secret.length < minLength) {
    misuse(
      `hashServiceSecret: ${secret.length} characters are too few for 32 random bytes. ` +
        "Take the output of `openssl rand -hex 32`.",
    );
  }
  return crypto.sha256(secret);
}

/** Whether the secret has one of the hashes. Neither a wrong secret nor an unknown service shows in the time it takes. */
export async function isServiceSecret(
  secret: string,
  hashes: readonly string[] | undefined,
): Promise<boolean> {
  const own = await crypto.sha256(secret);
  const equal = (hashes ?? [nobody]).map((hash) => equalConstantTime(own, hash));
  return hashes !== undefined && equal.includes(true);
}
