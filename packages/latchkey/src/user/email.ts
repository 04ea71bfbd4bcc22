import { z } from "zod";

/** Longest address that mail can use (RFC 5321, section 4.5.3.1.3). */
const maxLength = 254;

/**
 * One spelling per address: compatibility forms folded (NFKC) and lower case. Folding comes before checking: a
 * full-width `＠` is an `@` by the time we look. Undefined if it is no e-mail address.
 */
export function canonicalEmail(text: string): string | undefined {
  const folded = text.normalize("NFKC").toLowerCase();
  return folded.length <= maxLength && z.email().safeParse(folded).success ? folded : undefined;
}
