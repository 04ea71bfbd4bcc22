import type { Context } from "hono";

/**
 * Answers, beside the headers that middlewares set before they called us. What is merely returned Hono joins with them by
 * itself, in one of two ways: it forgets theirs, or, where one of them set a cookie, all cookies of ours.
 */
export function beside(c: Context, response: Response): Response {
  const joined = c.newResponse(response.body, response);
  c.res = undefined;
  c.res = joined;
  return joined;
}

/** Kept from every cache with it. By Hono's own means, which copy a response that cannot be changed. */
export function addCookies(c: Context, setCookies: readonly string[]): void {
  if (setCookies.length === 0) return;
  for (const cookie of setCookies) c.header("set-cookie", cookie, { append: true });
  c.header("cache-control", "no-store");
}
