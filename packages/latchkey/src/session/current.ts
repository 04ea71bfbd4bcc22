import type { AuthApi, Client, SignedOut } from "../types.ts";
import { clearCookie } from "../write/cookie.ts";
import type { ApiContext, Presented } from "./context.ts";

/** What of a refusal means that there simply is no session any more. */
const signedOutCodes: ReadonlySet<string> = new Set([
  "credential_missing",
  "session_ended",
  "session_expired",
  "account_unavailable",
]);

/** The session a request carries: seeing it, with one read more than a check, and signing out. */
export function currentApi(context: ApiContext): Pick<AuthApi, "getSession" | "signOut"> {
  return {
    async getSession(request) {
      const result = await context.authenticate(request);
      const loaded = result.ok ? await result.load() : result;
      return !loaded.ok && signedOutCodes.has(loaded.code) ? null : loaded;
    },

    // Every session whose credential the request carries ends, and the cookies go.
    async signOut(request) {
      const presented = await context.authenticateAll(request);
      if ("code" in presented) return presented;
      const until: number[] = [];
      for (const { result } of presented) {
        if (!result.ok) continue;
        const revoked = await context.strategies[result.strategy].revoke(result.session, "signed_out");
        if (!revoked.ok && revoked.until !== undefined) until.push(revoked.until);
      }
      return signedOut(cookiesToClear(context, presented), until);
    },
  };
}

function cookiesToClear({ settings }: ApiContext, presented: readonly Presented[]): string[] {
  const clients = presented
    .map(({ client }) => client)
    .filter((client): client is Client => client !== undefined);
  return clients
    .filter(({ transport }) => transport === "cookie")
    .map((one) => clearCookie(one, settings.secure));
}

function signedOut(setCookies: readonly string[], until: readonly number[]): SignedOut {
  return until.length === 0 ? { ok: true, setCookies } : { ok: true, setCookies, until: Math.max(...until) };
}
