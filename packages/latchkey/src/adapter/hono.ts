import type { Context, Env, MiddlewareHandler, Next } from "hono";
import type { Auth, SignedIn, SignedOut } from "../types.ts";
import { answerResponse, fetchRequest, targetOf } from "./guard/fetch.ts";
import { asRenewed, type Call, type GuardRequest, makeGuard, type Verdict } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { cookiesOf } from "./guard/signed-in.ts";
import { makeIsMounted } from "./guard/target.ts";
import { addCookies, beside } from "./hono/answer.ts";
import { makeCheckContext, nodeAddress } from "./hono/context.ts";
import type { AuthEnv, SignedInEnv } from "./hono/env.ts";
import { unreadRequest } from "./hono/unread.ts";
import { makeWithAuth, type WithAuth } from "./hono/with-auth.ts";

export { safeNext } from "./guard/safe-next.ts";
export type { AdapterOptions, AuthEnv, Requirement, SignedInEnv, WithAuth };

/** Options of the adapter. */
export interface HonoAuthOptions extends AdapterOptions {
  /**
   * Tells the address of the peer's end of the connection, for limits and the audit log: `getConnInfo` of the runtime's
   * adapter (`hono/deno`, `hono/bun`, `hono/cloudflare-workers`). Default: as `@hono/node-server` tells it.
   */
  readonly connInfo?: ((c: Context) => { readonly remote: { readonly address?: string } }) | undefined;
}

/** What an application mounts. `AppEnv`: that of the application, for the handlers given to `withAuth`. */
export interface HonoAuth<AppEnv extends Env = Env> {
  /** Answers what is below the base path, and the metadata at the root; passes everything else on. */
  readonly handler: MiddlewareHandler;
  /** Lets those through who are signed in and have what is required: they are in `c.var.auth`. */
  readonly requireAuth: (requirement?: Omit<Requirement, "optional">) => MiddlewareHandler<SignedInEnv>;
  /**
   * The same around the handler of one route that is no page: nothing is renewed, since Hono does not let a handler add
   * cookies to whatever is answered. Where no middleware stands before it, Hono answers in the same turn.
   */
  readonly withAuth: WithAuth<AppEnv>;
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
  const guardRequest = (c: Context, renewable?: boolean): GuardRequest =>
    fetchRequest(c.req.raw, () => addressOf(c), { context: contextOf(c), renewable });

  function guarding(requirement: Requirement): MiddlewareHandler<AuthEnv> {
    const guard = makeGuard(auth, requirement, options);
    return (c, next) => {
      c.set("auth", undefined);
      const verdict = guard(guardRequest(c));
      return verdict instanceof Promise ? settleLater(verdict, c, next) : settle(verdict, c, next);
    };
  }

  guarding({});
  return {
    requireAuth: (requirement = {}) => guarding(requirement) as MiddlewareHandler,
    optionalAuth: () => guarding({ optional: true }),
    withAuth: makeWithAuth(auth, options, (c) => guardRequest(c, false)),
    callFrom: (c, actor) => ({ request: asRenewed(guardRequest(c)), remoteAddress: addressOf(c), actor }),
    async handler(c, next) {
      if (!isMounted(targetOf(c.req.url))) return next();
      return beside(c, await auth.handler(await unreadRequest(c.req), { remoteAddress: addressOf(c) }));
    },
  };
}

type Settled = ReturnType<MiddlewareHandler<AuthEnv>>;

function settle({ auth, answer, setCookies }: Verdict, c: Context<AuthEnv>, next: Next): Settled {
  c.set("auth", auth);
  if (answer !== undefined) return Promise.resolve(beside(c, answerResponse(answer, setCookies)));
  return setCookies.length === 0 ? next() : nextWithCookies(c, next, setCookies);
}

/** Apart, so that a closure is made only where cookies are set. */
function nextWithCookies(c: Context<AuthEnv>, next: Next, setCookies: readonly string[]): Settled {
  return next().then(() => addCookies(c, setCookies));
}

/** Apart, so that a closure is made only for what is waited for. */
function settleLater(verdict: Promise<Verdict>, c: Context<AuthEnv>, next: Next): Settled {
  return verdict.then((found) => settle(found, c, next));
}
