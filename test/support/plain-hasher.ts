import type { PasswordHasher } from "latchkey";

/** A hasher for tests, and what it was asked to do. */
export interface PlainHasher extends PasswordHasher {
  /** In order; a test may empty it. */
  readonly calls: ("hash" | "verify")[];
}

/** Hashes by writing the password down: no test should wait for Argon2 but its own. */
export function plainHasher(): PlainHasher {
  const calls: ("hash" | "verify")[] = [];
  return {
    calls,
    async hash(password) {
      calls.push("hash");
      return `$plain$${password}`;
    },
    async verify(hash, password) {
      calls.push("verify");
      return hash === `$plain$${password}`;
    },
  };
}
