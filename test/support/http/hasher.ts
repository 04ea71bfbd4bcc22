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

/** A hasher whose next check of a password waits: what is done meanwhile overtakes whoever asked for it. */
export interface HeldHasher {
  readonly hasher: PasswordHasher;
  /** Resolves once a check waits, with what lets it go on. */
  holdNext(): Promise<() => void>;
}

export function heldHasher(): HeldHasher {
  const inner = quickHasher();
  let arrive: ((go: () => void) => void) | undefined;
  return {
    hasher: {
      hash: inner.hash,
      async verify(hash, password) {
        const right = await inner.verify(hash, password);
        const tell = arrive;
        arrive = undefined;
        if (tell !== undefined) await new Promise<void>((go) => tell(go));
        return right;
      },
    },
    holdNext: () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
  };
}

function digest(salt: string, password: string): string {
  return createHash("sha256").update(`${salt}:${password}`).digest("base64");
}
