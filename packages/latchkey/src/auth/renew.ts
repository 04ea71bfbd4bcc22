import { LatchkeyError, statusOf } from "../errors.ts";
import { hasRefreshTokens } from "../lib/access/refreshes.ts";
import { readAccessTimes } from "../read/access-times.ts";
import { isBearer, readRefreshCookies } from "../read/credential.ts";
import type { Auth, AuthApi, AuthResult, CallContext, Renewed, RequestLike } from "../types.ts";
import { withSetCookies } from "../write/cookie.ts";
import type { Core } from "./core.ts";

/** What of a credential's life must have passed before it is renewed. */
const due = 5 / 6;

/** What renewing works with. */
export interface RenewParts {
  readonly core: Core;
  readonly authenticate: Auth["authenticate"];
  readonly refresh: AuthApi["refresh"];
}

/** A check that gets the next pair of tokens for a cookie client whose access token has expired or is about to (P30). */
export function makeRenew({ core, authenticate, refresh }: RenewParts): Auth["renew"] {
  const { clients } = core.settings;

  function isDue(request: RequestLike, result: AuthResult): boolean {
    if (!result.ok) return result.code === "access_expired" || result.code === "credential_missing";
    const client = clients.get(result.client);
    if (client?.transport !== "cookie" || !hasRefreshTokens(client)) return false;
    const times = readAccessTimes(request, client);
    return times !== undefined && core.clock() / 1000 >= times.iat + (times.exp - times.iat) * due;
  }

  function canRefresh(request: RequestLike): boolean {
    const found = isBearer(request) ? [] : readRefreshCookies(request, clients.values());
    return found !== "refused" && found.length > 0;
  }

  return async (request: RequestLike, call: CallContext = {}): Promise<Renewed> => {
    const result = await authenticate(request);
    if (!isDue(request, result) || !canRefresh(request)) return { result, setCookies: [] };
    const refreshing = refresh({}, { ...call, request });
    const refreshed = await (result.ok ? refreshing.catch(overlookOutage) : refreshing);
    // What could not be renewed, or nobody could tell whether, may hold a little longer.
    if (!refreshed?.ok) return { result: result.ok || !refreshed ? result : refreshed, setCookies: [] };
    const { credentials } = refreshed;
    const setCookies = credentials.transport === "cookie" ? credentials.setCookies : [];
    const cookie = withSetCookies(request.headers.get("cookie") ?? "", setCookies);
    return { result: await authenticate(withCookie(request, cookie)), setCookies, cookie };
  };
}

/** A check needs no store to go by what is still good: it must not need one to look for something better. */
function overlookOutage(error: unknown): undefined {
  if (!(error instanceof LatchkeyError) || statusOf(error.code) !== 503) throw error;
}

/** The same request, as it would come with what it was just given. */
export function withCookie({ method, headers }: RequestLike, cookie: string): RequestLike {
  return {
    method,
    headers: { get: (name) => (name.toLowerCase() === "cookie" ? cookie : headers.get(name)) },
  };
}
