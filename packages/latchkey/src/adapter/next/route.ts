import type { NextRequest } from "next/server.js";
import type { Auth, Authenticated } from "../../types.ts";
import { answerResponse, fetchRequest } from "../guard/fetch.ts";
import { makeGuard } from "../guard/guard.ts";
import type { Requirement } from "../guard/requirement.ts";
import { withSetCookies } from "./cookie.ts";
import type { NextAuthOptions } from "./proxy.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** What a `route.ts` exports to answer everything under the base path. */
export type Handlers = Readonly<
  Record<(typeof methods)[number], (request: NextRequest) => Promise<Response>>
>;

/** A route of the application's own, as `route.ts` exports it. */
export type RouteHandler<Context> = (request: NextRequest, context: Context) => Promise<Response>;

type MayAnswer = Response | Promise<Response>;

/** Puts a guard in front of a route. With `optional`, everybody gets through. */
export interface WithAuth {
  <Context>(
    requirement: Requirement & { readonly optional: true },
    handle: (request: NextRequest, auth: Authenticated | undefined, context: Context) => MayAnswer,
  ): RouteHandler<Context>;
  <Context>(
    requirement: Omit<Requirement, "optional">,
    handle: (request: NextRequest, auth: Authenticated, context: Context) => MayAnswer,
  ): RouteHandler<Context>;
}

/** Makes what answers under the base path. Every method: the handler knows better than Next which of them it has. */
export function makeHandlers(auth: Auth, { remoteAddress }: NextAuthOptions): Handlers {
  const handle = (request: NextRequest): Promise<Response> =>
    auth.handler(withoutSlash(request), { remoteAddress: remoteAddress?.(request.headers) });
  return Object.fromEntries(methods.map((method) => [method, handle])) as Handlers;
}

/** With `trailingSlash: true` Next sends everybody to an address that ends with one, and no route of ours does. */
function withoutSlash(request: Request): Request {
  const url = new URL(request.url);
  if (!url.pathname.endsWith("/")) return request;
  let end = url.pathname.length;
  while (url.pathname[end - 1] === "/") end -= 1;
  url.pathname = url.pathname.slice(0, end);
  return new Request(url, request);
}

/** Makes the guards of routes: they answer 401, 403 and 503 as problems. See `makeGuard` for what they renew. */
export function makeWithAuth(auth: Auth, options: NextAuthOptions): WithAuth {
  return <Context>(
    requirement: Requirement,
    handle: (request: NextRequest, auth: Authenticated, context: Context) => MayAnswer,
  ): RouteHandler<Context> => {
    const guard = makeGuard(auth, requirement, options);
    return async (request, context) => {
      const verdict = await guard(fetchRequest(request, () => options.remoteAddress?.(request.headers)));
      if (verdict.answer !== undefined) return answerResponse(verdict.answer, verdict.setCookies);
      // With `optional` there may be nobody, and then that is what the route has asked for.
      const response = await handle(request, verdict.auth as Authenticated, context);
      return withSetCookies(response, verdict.setCookies);
    };
  };
}
