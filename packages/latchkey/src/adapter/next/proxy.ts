import type { NextRequest, NextResponse } from "next/server.js";
import type { Auth, RequestLike } from "../../types.ts";
import { answerResponse, fetchRequest } from "../guard/fetch.ts";
import { asRenewed, makeGuard, mayRenew } from "../guard/guard.ts";
import type { AdapterOptions, Requirement } from "../guard/requirement.ts";
import { makeIsMounted } from "../guard/target.ts";
import { withSetCookies } from "./cookie.ts";
import { targetHeader } from "./visit.ts";

/** Options of the adapter. */
export interface NextAuthOptions extends AdapterOptions {
  /**
   * Tells the address of whoever is at the other end, for limits and the audit log: Next itself gives none that a client
   * could not have made up. Default: unknown, and nothing is counted by address.
   */
  readonly remoteAddress?: ((headers: RequestLike["headers"]) => string | undefined) | undefined;
}

/** What a request goes on with: for `NextResponse.next()` and `NextResponse.rewrite()`. */
export interface Forwarded {
  readonly request: { readonly headers: Headers };
}

/** The application's own part of the proxy. */
export type Respond = (request: NextRequest, forwarded: Forwarded) => Response | Promise<Response>;

/** What `proxy.ts` exports under the name `proxy`. */
export type AuthProxy = (request: NextRequest) => Promise<Response>;

/**
 * Makes a proxy that renews what is about to expire, for the browser and for the page behind it alike. Without a
 * requirement it turns nobody away. It never stands in for the check of the page, the action or the route itself.
 *
 * @throws LatchkeyError `misuse` for a requirement or an option that is none
 */
export function makeProxy(
  auth: Auth,
  options: NextAuthOptions,
  requirement?: Requirement,
  respond: Respond = goOn,
): AuthProxy {
  const isMounted = makeIsMounted(auth.basePath);
  const guard = makeGuard(auth, requirement ?? { optional: true }, options);

  return async (request) => {
    const { pathname, search } = request.nextUrl;
    const target = pathname + search;
    const addressOf = (): string | undefined => options.remoteAddress?.(request.headers);
    const seen = {
      ...fetchRequest(request, addressOf),
      target,
      remoteAddress: addressOf(),
      // Next hides from the proxy which request is for a page.
      renewable: true,
    };
    const isAsked = !isMounted(target) && (requirement !== undefined || mayRenew(seen));
    const verdict = isAsked ? await guard(seen) : undefined;
    const setCookies = verdict?.setCookies ?? [];
    if (requirement !== undefined && verdict?.answer !== undefined)
      return toResponse(request, answerResponse(verdict.answer, setCookies));
    const headers = new Headers(request.headers);
    headers.set(targetHeader, target);
    const cookie = asRenewed(seen).headers.get("cookie");
    if (cookie !== null) headers.set("cookie", cookie);
    return withSetCookies(await respond(request, { request: { headers } }), setCookies);
  };
}

async function goOn(_request: NextRequest, forwarded: Forwarded): Promise<NextResponse> {
  const { NextResponse } = await import("next/server.js");
  return NextResponse.next(forwarded);
}

/** Next wants to be told the whole address of where it sends somebody. */
function toResponse(request: NextRequest, response: Response): Response {
  const location = response.headers.get("location");
  if (location !== null) {
    const { basePath } = request.nextUrl;
    response.headers.set("location", new URL(basePath + location, request.nextUrl).href);
  }
  return response;
}
