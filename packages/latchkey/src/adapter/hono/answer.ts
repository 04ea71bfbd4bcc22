import type { Context } from "hono";
import { answerResponse } from "../guard/fetch.ts";
import type { Verdict } from "../guard/guard.ts";

/** What a guard found decides: its answer, or that of whatever is behind it. */
export function answerBehind(
  c: Context,
  { auth, answer, setCookies }: Verdict,
  goOn: () => unknown,
): unknown {
  c.set("auth", auth);
  if (answer !== undefined) return beside(c, answerResponse(answer, setCookies));
  return setCookies.length === 0 ? goOn() : withCookies(c, setCookies, goOn);
}

/** What Hono makes of an error has what was set before. */
async function withCookies(
  c: Context,
  setCookies: readonly string[],
  goOn: () => unknown,
): Promise<Response> {
  try {
    const response = await goOn();
    if (response instanceof Response) c.res = response;
  } finally {
    addCookies(c, setCookies);
  }
  return c.res;
}

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
