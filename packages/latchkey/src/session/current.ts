import { toSeconds } from "../lib/clock.ts";
import { readAccessTimes } from "../read/access-times.ts";
import type { AuthApi, CallContext, RequestLike } from "../types.ts";
import { clearCookies } from "../write/cookie.ts";
import type { ApiContext, HeldSession } from "./context.ts";
import { auditEntry } from "./events/entry.ts";
import { refreshedSessions } from "./sign-in/refreshed.ts";

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
      if (!loaded.ok) return signedOutCodes.has(loaded.code) ? null : loaded;
      const client = result.ok ? context.settings.clients.get(result.client) : undefined;
      // Of one that nothing can refresh nobody needs to know.
      const times = client?.refresh ? readAccessTimes(request, client) : undefined;
      const left = times && Math.max(0, times.exp - toSeconds(context.clock()));
      return left === undefined ? loaded : { ...loaded, expiresIn: left };
    },

    // Every session whose credential the request carries ends, and the cookies go.
    async signOut(request, { refreshToken } = {}, call = {}) {
      const presented = await context.presented(request);
      if ("code" in presented) return presented;
      const held = presented.flatMap((one) => one.held ?? []);
      const refreshed = await refreshedSessions(context, refreshToken, request);
      const ends: (number | undefined)[] = presented.map((one) => one.until);
      for (const one of [...held, ...refreshed]) ends.push(await endOne(context, one, request, call));
      const until = ends.filter((lives) => lives !== undefined).filter((lives) => lives > context.clock());
      const clients = new Set([
        ...presented.flatMap((one) => one.cookieOf ?? []),
        ...cookieClients(refreshed),
      ]);
      const setCookies = [...clients].flatMap((client) => clearCookies(client, context.settings.secure));
      return until.length === 0
        ? { ok: true, setCookies }
        : { ok: true, setCookies, until: Math.max(...until) };
    },
  };
}

/** Ends it, if nobody has; until when its access token lives on, if nobody can take it back. */
async function endOne(
  context: ApiContext,
  { strategy, client, session, stored }: HeldSession,
  request: RequestLike,
  call: CallContext,
): Promise<number | undefined> {
  const by = { ...call, request, actor: session.userId };
  const about = { userId: session.userId, sessionId: session.id, client: client.name };
  const audit = auditEntry("signed_out", by, about);
  const revoked = await strategy.revoke(client, session, { stored, reason: "signed_out", audit });
  if (revoked.ok && revoked.ended) context.events.emit(audit);
  return revoked.until;
}

function cookieClients(held: readonly HeldSession[]): HeldSession["client"][] {
  return held.map(({ client }) => client).filter(({ transport }) => transport === "cookie");
}
