import { type Refusal, refuse } from "../errors.ts";
import type { RequestLike, Settings } from "../types.ts";

/** What of the settings says who may send requests with our cookies. */
export type OriginPolicy = Pick<Settings, "origins" | "trustLoopbackHost">;

const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** Refuses a request that can change something and that no page of ours or a trusted one has sent. */
export function refuseForeign(request: RequestLike, policy: OriginPolicy): Refusal | undefined {
  return changesState(request) && !isSameOrigin(request, policy) ? refuse("csrf_refused") : undefined;
}

/** One by one and not in a set: every check of a cookie asks. */
function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** Whether a request can change anything, so that it matters whose page sent it. A WebSocket upgrade can. */
export function changesState(request: RequestLike): boolean {
  return !isSafe(request.method) || request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/**
 * Whether a request was sent by a page of ours or a trusted one (Fetch Metadata, W3C; as a fallback the Origin
 * header, RFC 6454). `same-site` is not enough: a sibling subdomain may be somebody else's. A request with neither
 * header comes from no browser that is new enough to matter, and passes only with a content type that a form
 * cannot send.
 */
function isSameOrigin(request: RequestLike, policy: OriginPolicy): boolean {
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (site === "same-origin" || site === "none") return true;
  const origin = headers.get("origin");
  if (origin !== null)
    return policy.origins.has(origin) || isOwnLoopback(origin, headers.get("host"), policy);
  return site === null && isJson(headers.get("content-type"));
}

function isOwnLoopback(origin: string, host: string | null, policy: OriginPolicy): boolean {
  return policy.trustLoopbackHost && host !== null && loopbackHost.test(host) && origin === `http://${host}`;
}

/** `application/json`, with or without parameters. */
export function isJson(contentType: string | null): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}
