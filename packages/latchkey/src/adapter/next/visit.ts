import { withCookie } from "../../auth/renew.ts";
import type { RequestLike } from "../../types.ts";
import { withSetCookies } from "../../write/cookie.ts";
import { readSetCookie } from "./cookie.ts";

/**
 * Tells a server component the path it is asked for at, which Next does not. The proxy sets it on every request it sees.
 * Whoever gets past the proxy can only choose where they are led back to themselves.
 */
export const targetHeader = "x-latchkey-target";

/** The request that a server component or an action runs for. */
export interface Visit extends RequestLike {
  /** Path and query; empty: no proxy has seen the request. */
  readonly target: string;
}

/** Cookies of requests in which an action has set others: what renders after it is not to use the old ones. */
const replaced = new WeakMap<object, string>();

/**
 * The request at hand.
 *
 * @throws what Next throws where there is no request, or where a page turns out not to be a static one
 */
export async function readVisit(): Promise<Visit> {
  const { headers: readHeaders } = await import("next/headers.js");
  const headers = await readHeaders();
  const target = headers.get(targetHeader) ?? "";
  const cookie = replaced.get(headers);
  const request = { method: methodOf(headers), headers };
  return { ...(cookie === undefined ? request : withCookie(request, cookie)), target };
}

/**
 * Next shows nobody the method. What calls an action is either a script of Next's, with a header of its own, or a form, with
 * a body: both are judged as what changes something (P26). What reads a page has neither.
 */
function methodOf(headers: RequestLike["headers"]): "GET" | "POST" {
  return headers.get("next-action") === null && headers.get("content-type") === null ? "GET" : "POST";
}

/** Sets cookies in a server action, beside what the application sets itself. */
export async function setCookies(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const { cookies: readCookies, headers: readHeaders } = await import("next/headers.js");
  const [cookies, headers] = await Promise.all([readCookies(), readHeaders()]);
  for (const line of lines) cookies.set(readSetCookie(line));
  replaced.set(headers, withSetCookies(replaced.get(headers) ?? headers.get("cookie") ?? "", lines));
}
