import { getConnInfo } from "@hono/node-server/conninfo";
import type { Authenticated, CallContext, Loaded, SignedIn } from "latchkey";
import type { Visit } from "./site.ts";

/** Who is signed in, as one read shows them. */
export interface Who {
  readonly current: Authenticated;
  readonly loaded: Loaded;
}

/**
 * Who sent the request; undefined: nobody who is signed in. Where the configuration gives our pages tokens that expire,
 * this is the moment at which they are renewed. That we cannot tell is thrown, and must stay a fault: it never looks
 * like being signed out.
 */
export async function whoSent(visit: Visit): Promise<Who | undefined> {
  const { site, c } = visit;
  const { result: current, setCookies } = await site.auth.renew(c.req.raw, contextOf(visit));
  for (const cookie of setCookies) c.header("set-cookie", cookie, { append: true });
  if (!current.ok) return undefined;
  const loaded = await current.load();
  return loaded.ok ? { current, loaded } : undefined;
}

/** Where a call of the API comes from, for limits and the audit log: who is signed in, the browser's name and address. */
export function contextOf({ c }: Visit, who?: Who): CallContext {
  return { request: c.req.raw, remoteAddress: getConnInfo(c).remote.address, actor: who?.current.user.id };
}

/** The cookies that carry a sign-in. */
export function cookiesOf({ credentials }: SignedIn): readonly string[] {
  return credentials.transport === "cookie" ? credentials.setCookies : [];
}
