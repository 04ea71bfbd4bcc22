import type { Context, MiddlewareHandler } from "hono";
import type { Auth, Authenticated, CheckContext, SignedIn, SignedOut } from "../types.ts";
import { answerResponse, fetchRequest, targetOf } from "./guard/fetch.ts";
import { asRenewed, type Call, type GuardRequest, makeGuard, type Verdict } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { cookiesOf } from "./guard/signed-in.ts";
import { makeIsMounted } from "./guard/target.ts";
import { unreadRequest } from "./hono/unread.ts";

export { safeNext } from "./guard/safe-next.ts";
export type { AdapterOptions, Requirement };

/** Options of the adapter. */
export interface HonoAuthOptions extends AdapterOptions {
  /**
   * Tells the address of the peer's end of the connection, for limits and the audit log: `getConnInfo` of the runtime's
   * adapter (`hono/deno`, `hono/bun`, `hono/cloudflare-workers`). Default: as `@hono/node-server` tells it.
   */
  readonly connInfo?: ((c: Context) => { readonly remote: { readonly address?: string } }) | undefined;
}

/** Who sent the request, in `c.var` behind a guard, which sets it also to undefined. For `new Hono<AuthEnv>()`. */
export interface AuthEnv {
  Variables: { auth: Authenticated | undefined };
}

/** The same behind `requireAuth()`. */
export interface SignedInEnv {
  Variables: { auth: Authenticated };
}

/** What an application mounts. */
export interface HonoAuth {
  /** Answers what is below the base path, and the metadata at the root; passes everything else on. */
  readonly handler: MiddlewareHandler;
  /** Lets those through who are signed in and have what is required: they are in `c.var.auth`. */
  readonly requireAuth: (requirement?: Omit<Requirement, "optional">) => MiddlewareHandler<SignedInEnv>;
  /** Lets everybody through: `c.var.auth` says who is signed in, if anybody. */
  readonly optionalAuth: () => MiddlewareHandler<AuthEnv>;
  /** Where a call of `auth.api` comes from. `actor`: who does it, where somebody is signed in. */
  readonly callFrom: (c: Context, actor?: string) => Call;
}

/** Sets what a sign-in or sign-out gives a cookie client, beside what the application sets itself. */
export function sendCookies(c: Context, result: SignedIn | SignedOut): void {
  addCookies(c, cookiesOf(result));
}

/**
 * Middlewares for Hono 4.
 *
 * @throws LatchkeyError `misuse` for an option that is none
 */
export function honoAuth(auth: Auth, options: HonoAuthOptions = {}): HonoAuth {
  const isMounted = makeIsMounted(auth.basePath);
  const addressOf = (c: Context): string | undefined =>
    options.connInfo === undefined ? nodeAddress(c.env) : options.connInfo(c).remote.address;
  const contextOf = makeCheckContext();
  const guardRequest = (c: Context): GuardRequest => fetchRequest(c.req.raw, addressOf(c), contextOf(c));

  function guarding(requirement: Requirement): MiddlewareHandler<AuthEnv> {
    const guard = makeGuard(auth, requirement, options);
    return (c, next) => {
      const settle = ({ auth: result, answer, setCookies }: Verdict): ReturnType<MiddlewareHandler> => {
        c.set("auth", result);
        if (answer !== undefined) return Promise.resolve(beside(c, answerResponse(answer, setCookies)));
        return setCookies.length === 0 ? next() : next().then(() => addCookies(c, setCookies));
      };
      c.set("auth", undefined);
      const verdict = guard(guardRequest(c));
      return verdict instanceof Promise ? verdict.then(settle) : settle(verdict);
    };
  }

  guarding({});
  return {
    requireAuth: (requirement = {}) => guarding(requirement) as MiddlewareHandler,
    optionalAuth: () => guarding({ optional: true }),
    callFrom: (c, actor) => ({ request: asRenewed(guardRequest(c)), remoteAddress: addressOf(c), actor }),
    async handler(c, next) {
      if (!isMounted(targetOf(c.req.url))) return next();
      return beside(c, await auth.handler(await unreadRequest(c.req), { remoteAddress: addressOf(c) }));
    },
  };
}

/**
 * Answers, beside the headers that middlewares set before they called us. What is merely returned Hono joins with them by
 * itself, in one of two ways: it forgets theirs, or, where one of them set a cookie, all cookies of ours.
 */
function beside(c: Context, response: Response): Response {
  const joined = c.newResponse(response.body, response);
  c.res = undefined;
  c.res = joined;
  return joined;
}

/** Kept from every cache with it. By Hono's own means, which copy a response that cannot be changed. */
function addCookies(c: Context, setCookies: readonly string[]): void {
  if (setCookies.length === 0) return;
  for (const cookie of setCookies) c.header("set-cookie", cookie, { append: true });
  c.header("cache-control", "no-store");
}

/** The bindings of `@hono/node-server` hold Node's request. */
function nodeAddress(bindings: unknown): string | undefined {
  const { incoming } = (bindings ?? {}) as { incoming?: { socket?: { remoteAddress?: unknown } } };
  const address = incoming?.socket?.remoteAddress;
  return typeof address === "string" ? address : undefined;
}

/**
 * Runtimes that stop between two requests let work go on after an answer. Where there is no such thing Hono throws, which
 * costs more than the whole check: it is asked once, as all requests of an application run where the first one does.
 */
function makeCheckContext(): (c: Context) => CheckContext | undefined {
  let isThere: boolean | undefined;
  return (c) => {
    isThere ??= hasExecutionContext(c);
    return isThere ? { waitUntil: (work) => c.executionCtx.waitUntil(work) } : undefined;
  };
}

function hasExecutionContext(c: Context): boolean {
  try {
    return c.executionCtx !== undefined;
  } catch {
    return false;
  }
}
