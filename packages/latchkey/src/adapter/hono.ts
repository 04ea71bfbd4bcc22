import type { Context, Env, Handler, Input, MiddlewareHandler, TypedResponse } from "hono";
import type { Auth, Authenticated, SignedIn, SignedOut } from "../types.ts";
import { fetchRequest, targetOf } from "./guard/fetch.ts";
import { asRenewed, type Call, type GuardRequest, makeGuard } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { cookiesOf } from "./guard/signed-in.ts";
import { makeIsMounted } from "./guard/target.ts";
import { addCookies, answerBehind, beside } from "./hono/answer.ts";
import { makeCheckContext, nodeAddress } from "./hono/context.ts";
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

/** What a handler of Hono may give. */
type Answered = Response | TypedResponse | Promise<Response | TypedResponse>;

/** What an application mounts. `AppEnv`: that of the application, for the handlers given to `withAuth`. */
export interface HonoAuth<AppEnv extends Env = Env> {
  /** Answers what is below the base path, and the metadata at the root; passes everything else on. */
  readonly handler: MiddlewareHandler;
  /** Lets those through who are signed in and have what is required: they are in `c.var.auth`. */
  readonly requireAuth: (requirement?: Omit<Requirement, "optional">) => MiddlewareHandler<SignedInEnv>;
  /**
   * The same around the handler of one route. Where no other middleware stands before it, Hono then answers without
   * waiting in between, which is quicker than any middleware can be.
   */
  readonly withAuth: <P extends string, I extends Input, R extends Answered>(
    requirement: Omit<Requirement, "optional">,
    handler: Handler<AppEnv & SignedInEnv, P, I, R>,
  ) => Handler<AppEnv, P, I, R>;
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
export function honoAuth<AppEnv extends Env = Env>(
  auth: Auth,
  options: HonoAuthOptions = {},
): HonoAuth<AppEnv> {
  const isMounted = makeIsMounted(auth.basePath);
  const addressOf = (c: Context): string | undefined =>
    options.connInfo === undefined ? nodeAddress(c.env) : options.connInfo(c).remote.address;
  const contextOf = makeCheckContext();
  const guardRequest = (c: Context): GuardRequest =>
    fetchRequest(c.req.raw, () => addressOf(c), contextOf(c));

  function guarding(requirement: Requirement): (c: Context, goOn: () => unknown) => unknown {
    const guard = makeGuard(auth, requirement, options);
    return (c, goOn) => {
      c.set("auth", undefined);
      const verdict = guard(guardRequest(c));
      return verdict instanceof Promise
        ? verdict.then((settled) => answerBehind(c, settled, goOn))
        : answerBehind(c, verdict, goOn);
    };
  }

  guarding({});
  return {
    requireAuth: (requirement = {}) => guarding(requirement) as MiddlewareHandler,
    optionalAuth: () => guarding({ optional: true }) as MiddlewareHandler,
    withAuth(requirement, handler) {
      const behind = guarding(requirement);
      const guarded: MiddlewareHandler = (c, next) => behind(c, () => handler(c, next)) as Promise<Response>;
      return guarded as never;
    },
    callFrom: (c, actor) => ({ request: asRenewed(guardRequest(c)), remoteAddress: addressOf(c), actor }),
    async handler(c, next) {
      if (!isMounted(targetOf(c.req.url))) return next();
      return beside(c, await auth.handler(await unreadRequest(c.req), { remoteAddress: addressOf(c) }));
    },
  };
}
