import { type Refusal, refuse } from "../../errors.ts";

/** Longest password that is hashed, in characters: longer ones only cost time. */
const maxLength = 1024;

/** The part of the package with common passwords that is used here. */
let common: Promise<ReadonlySet<string>> | undefined;

/**
 * Refuses a new password that is too short, too long, among the most used ones, or the person's own address
 * (NIST SP 800-63B-4, section 3.1.1.2). Characters are code points; nothing is trimmed or changed.
 */
export async function checkNewPassword(
  password: string,
  minLength: number,
  email: string | null,
): Promise<Refusal | undefined> {
  const length = [...password].length;
  if (length < minLength)
    return refuse("password_too_short", { detail: `Use at least ${minLength} characters.` });
  if (length > maxLength)
    return refuse("password_too_long", { detail: `Use at most ${maxLength} characters.` });
  const folded = password.toLowerCase();
  if (folded === email || (await commonPasswords()).has(folded)) return refuse("password_too_common");
  return undefined;
}

/** Loaded when first asked for: a quarter of a megabyte that a process which only checks never needs. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) => new Set(dictionary["passwords-common"]),
  );
  return common;
}
