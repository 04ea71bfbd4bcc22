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
    const times = client?.transport === "cookie" ? readAccessTimes(request, client) : undefined;
    return times !== undefined && core.clock() / 1000 >= times.iat + (times.exp - times.iat) * due;
  }

  function canRefresh(request: RequestLike): boolean {
    const found = isBearer(request) ? [] : readRefreshCookies(request, clients.values());
    return found !== "refused" && found.length > 0;
  }

  return async (request: RequestLike, call: CallContext = {}): Promise<Renewed> => {
    const result = await authenticate(request);
    if (!isDue(request, result) || !canRefresh(request)) return { result, setCookies: [] };
    const refreshed = await refresh({}, { ...call, request });
    // What could not be renewed may hold a little longer.
    if (!refreshed.ok) return { result: result.ok ? result : refreshed, setCookies: [] };
    const { credentials } = refreshed;
    const setCookies = credentials.transport === "cookie" ? credentials.setCookies : [];
    const cookie = withSetCookies(request.headers.get("cookie") ?? "", setCookies);
    return { result: await authenticate(withCookie(request, cookie)), setCookies, cookie };
  };
}

/** The same request, as it would come with what it was just given. */
export function withCookie({ method, headers }: RequestLike, cookie: string): RequestLike {
  return {
    method,
    headers: { get: (name) => (name.toLowerCase() === "cookie" ? cookie : headers.get(name)) },
  };
}
