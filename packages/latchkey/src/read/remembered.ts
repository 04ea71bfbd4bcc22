import type { Client, RequestLike } from "../types.ts";
import { endOfCookie, findCookie, noCookie, refusedCookie } from "./cookie.ts";
import { bearerCarrier, isBearer } from "./credential.ts";
import { changesState } from "./origin.ts";

/**
 * Finds what is known of exactly the string that stands there in a header, on this carrier: a cookie's value, or a header as
 * it was sent.
 */
export type Find<Result> = (header: string, from: number, to: number, carrier: string) => Result | undefined;

/**
 * The short way for a credential that was checked before. Gives what `find` knows, or undefined wherever the long way is
 * to decide: anything unusual about the request, and everything that is not known. It makes nothing, and cuts out no
 * cookie: only says where it stands.
 */
export function makeRecall<Result>(
  clients: Iterable<Client>,
  find: Find<Result>,
): (request: RequestLike) => Result | undefined {
  const cookieNames = [...clients]
    .filter(({ transport }) => transport === "cookie")
    .map(({ cookieName }) => cookieName);

  /** The first of our cookies counts, if none of them comes twice. */
  function recallCookie(header: string): Result | undefined {
    let start = noCookie;
    let carrier = "";
    for (const name of cookieNames) {
      const found = findCookie(header, name);
      if (found === refusedCookie) return undefined;
      if (found === noCookie || start !== noCookie) continue;
      start = found;
      carrier = name;
    }
    return start === noCookie ? undefined : find(header, start, endOfCookie(header, start), carrier);
  }

  return (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) {
      const known = find(authorization, 0, authorization.length, bearerCarrier);
      if (known !== undefined || isBearer(request)) return known;
    }
    if (cookieNames.length === 0) return undefined;
    const cookies = request.headers.get("cookie");
    // Where a page may have sent it, the long way asks which.
    return cookies === null || changesState(request) ? undefined : recallCookie(cookies);
  };
}
