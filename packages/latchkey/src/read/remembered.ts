import type { Client, RequestLike } from "../types.ts";
import { readCookie } from "./cookie.ts";
import { bearerCarrier, isBearer } from "./credential.ts";
import { changesState } from "./origin.ts";

/** Finds what is known of exactly this string on this carrier: a cookie's value, or a header as it was sent. */
export type Find<Result> = (known: string, carrier: string) => Result | undefined;

/**
 * The short way for a credential that was checked before. Gives what `find` knows, or undefined wherever the long way is
 * to decide: anything unusual about the request, and everything that is not known. Of a cookie
 * it makes a slice of the header, else nothing.
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
    let value: string | undefined;
    let carrier = "";
    for (const name of cookieNames) {
      const found = readCookie(header, name);
      if (found === "refused") return undefined;
      if (found === undefined || value !== undefined) continue;
      value = found;
      carrier = name;
    }
    return value === undefined ? undefined : find(value, carrier);
  }

  return (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) {
      const known = find(authorization, bearerCarrier);
      if (known !== undefined || isBearer(request)) return known;
    }
    if (cookieNames.length === 0) return undefined;
    const cookies = request.headers.get("cookie");
    // Where a page may have sent it, the long way asks which.
    return cookies === null || changesState(request) ? undefined : recallCookie(cookies);
  };
}
