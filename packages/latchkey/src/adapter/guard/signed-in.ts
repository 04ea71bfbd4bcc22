import { misuse } from "../../errors.ts";
import type { Authenticated, SignedIn, SignedOut } from "../../types.ts";

/**
 * The result on a route that `requireAuth()` guards, for TypeScript, which cannot see that it does.
 *
 * @throws LatchkeyError `misuse` on any other route
 */
export function signedIn({ auth }: { readonly auth?: Authenticated | null | undefined }): Authenticated {
  return auth ?? misuse("signedIn(): nobody is; put requireAuth() in front of this route.");
}

/** What a sign-in or sign-out must set. Empty for bearer clients, whose tokens are in `credentials`. */
export function cookiesOf(result: SignedIn | SignedOut): readonly string[] {
  if ("setCookies" in result) return result.setCookies;
  return result.credentials.transport === "cookie" ? result.credentials.setCookies : [];
}
