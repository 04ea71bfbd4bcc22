import { createHash, randomBytes } from "node:crypto";
import type { PasswordHasher } from "latchkey";

/**
 * A hasher for tests that are not about hashing: quick, and its hashes look like the real ones, so that a leaked
 * one is found by the same mark.
 */
export function quickHasher(): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(9).toString("base64");
      return `$argon2id$quick$${salt}$${digest(salt, password)}`;
    },
    async verify(hash, password) {
      const [, , , salt = "", expected] = hash.split("$");
      return digest(salt, password) === expected;
    },
  };
}

function digest(salt: string, password: string): string {
  return createHash("sha256").update(`${salt}:${password}`).digest("base64");
}
