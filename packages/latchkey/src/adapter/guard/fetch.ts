import type { CheckContext } from "../../types.ts";
import type { Answer } from "../../write/problem.ts";
import type { GuardRequest } from "./guard.ts";

/** A Fetch `Request` as a guard sees it. */
export function fetchRequest(request: Request, remoteAddress?: string, context?: CheckContext): GuardRequest {
  return {
    method: request.method,
    headers: request.headers,
    get target() {
      return targetOf(request.url);
    },
    remoteAddress,
    context,
    carrier: request,
  };
}

/** Path and query of a URL. */
export function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** An answer as a Fetch `Response`, with the cookies to set. */
export function answerResponse({ status, headers, body }: Answer, setCookies: readonly string[]): Response {
  const response = new Response(body === "" ? null : body, { status, headers });
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  return response;
}
