import type { RequestLike } from "latchkey";

/** Headers by name. */
export type HeaderFields = { readonly [name: string]: string };

/**
 * A request as an adapter hands it over: header values raw, as they came over the wire. A Fetch `Request` would
 * refuse or repair some of the values that tests want to send.
 */
export function makeRequest(fields: HeaderFields, method = "GET"): RequestLike {
  const values = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, headers: { get: (name) => values.get(name.toLowerCase()) ?? null } };
}

/** A GET with a Bearer credential. */
export function bearerRequest(token: string): RequestLike {
  return makeRequest({ authorization: `Bearer ${token}` });
}

/** A GET with a Cookie header. */
export function cookieRequest(cookie: string): RequestLike {
  return makeRequest({ cookie });
}
