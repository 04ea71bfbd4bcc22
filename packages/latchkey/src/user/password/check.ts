import { randomToken } from "../../lib/crypto/random.ts";
import type { PasswordHasher, UserRecord } from "../../types.ts";

/** The user, if there is one and the password is theirs. */
export type CheckPassword = (
  user: UserRecord | undefined,
  password: string,
) => Promise<UserRecord | undefined>;

/** Checks a password in the same time whether there is such a user or not. */
export function makeCheckPassword({ hasher }: { readonly hasher: PasswordHasher }): CheckPassword {
  let decoy: Promise<string> | undefined;
  return async (user, password) => {
    decoy ??= hasher.hash(randomToken(32)).catch((error: unknown) => {
      decoy = undefined;
      throw error;
    });
    const decoyHash = await decoy;
    const hash = user?.passwordHash ?? decoyHash;
    const right = await hasher.verify(hash, password);
    return right && user?.passwordHash === hash ? user : undefined;
  };
}
