import type { AuthApi, Client, SignedOut } from "../types.ts";
import { clearCookie } from "../write/cookie.ts";
import type { ApiContext, Presented } from "./context.ts";

/** Sign-out: ends every session whose credential the request carries, and takes the cookies away. */
export function signOutApi(context: ApiContext): Pick<AuthApi, "signOut"> {
  return {
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
