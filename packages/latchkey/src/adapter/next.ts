import type { Auth, SignedIn, SignedOut } from "../types.ts";
import type { Requirement } from "./guard/requirement.ts";
import { checkOptions } from "./guard/requirement.ts";
import { cookiesOf } from "./guard/signed-in.ts";
import { makePages, type PageRequirement, type Pages } from "./next/page.ts";
import {
  type AuthProxy,
  type Forwarded,
  makeProxy,
  type NextAuthOptions,
  type Respond,
} from "./next/proxy.ts";
import { type Handlers, makeHandlers, makeWithAuth, type RouteHandler, type WithAuth } from "./next/route.ts";
import { setCookies } from "./next/visit.ts";

export { safeNext } from "./guard/safe-next.ts";
export { oneAuth } from "./next/one.ts";
export type { AuthProxy, Forwarded, NextAuthOptions, PageRequirement, Requirement, Respond, RouteHandler };

/** What the parts of a Next application ask. */
export interface NextAuth extends Pages {
  /**
   * For `app/api/auth/[...path]/route.ts` and `app/.well-known/oauth-authorization-server/[[...path]]/route.ts`:
   * `export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers`.
   */
  readonly handlers: Handlers;
  /** For routes of the application's own: `export const GET = withAuth({ role: "admin" }, (request, auth) => …)`. */
  readonly withAuth: WithAuth;
  /** For `proxy.ts`: renews what is about to expire, and turns nobody away. */
  readonly proxy: AuthProxy;
  /** The same, which turns away whoever lacks something, or with something of the application's own behind it. */
  readonly authProxy: (requirement?: Requirement, respond?: Respond) => AuthProxy;
}

/**
 * What the parts of a Next 16 application ask: components, actions, routes and the proxy. Everything of Next's is loaded
 * when it is first needed, so that a script can load the application's `auth` too.
 *
 * @throws LatchkeyError `misuse` for an option that is none
 */
export function nextAuth(auth: Auth, options: NextAuthOptions = {}): NextAuth {
  checkOptions(options);
  return {
    ...makePages(auth, options),
    handlers: makeHandlers(auth, options),
    withAuth: makeWithAuth(auth, options),
    proxy: makeProxy(auth, options),
    authProxy: (requirement, respond) => makeProxy(auth, options, requirement, respond),
  };
}

/** Sets in a server action what a sign-in or sign-out gives a cookie client, beside what the application sets itself. */
export function sendCookies(result: SignedIn | SignedOut): Promise<void> {
  return setCookies(cookiesOf(result));
}
