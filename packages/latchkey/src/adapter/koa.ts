import type { Context, Middleware, Next } from "koa";
import type { Auth, Authenticated } from "../types.ts";
import { makeGuard, type Verdict } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { makeIsMounted } from "./guard/target.ts";
import { askHandler } from "./node/fetch.ts";
import { guardRequest } from "./node/request.ts";
import { addCookies, streamOf, writeResponse } from "./node/respond.ts";

export { safeNext } from "./guard/safe-next.ts";
export { signedIn } from "./guard/signed-in.ts";
export { callFrom } from "./node/request.ts";
export { sendCookies } from "./node/respond.ts";
export type { AdapterOptions, Requirement };

/** What a guard puts into `ctx.state`. */
export interface AuthState {
  /** Who sent the request. Set by every guard, also to undefined. */
  auth?: Authenticated | undefined;
}

/** What an application mounts. */
export interface KoaAuth {
  /** Answers what is below the base path, and the metadata at the root; passes everything else on. */
  readonly handler: Middleware;
  /** Lets those through who are signed in and have what is required: they are in `ctx.state.auth`. */
  readonly requireAuth: (requirement?: Requirement) => Middleware<AuthState>;
  /** Lets everybody through: `ctx.state.auth` says who is signed in, if anybody. */
  readonly optionalAuth: () => Middleware<AuthState>;
}

/**
 * Middlewares for Koa 2 and 3.
 *
 * @throws LatchkeyError `misuse` for an option that is none
 */
export function koaAuth(auth: Auth, options: AdapterOptions = {}): KoaAuth {
  const isMounted = makeIsMounted(auth.basePath);

  function requireAuth(requirement: Requirement = {}): Middleware<AuthState> {
    const guard = makeGuard(auth, requirement, options);
    return (ctx, next) => {
      ctx.state.auth = undefined;
      const verdict = guard(guardRequest(ctx.req, ctx.originalUrl));
      return verdict instanceof Promise ? settleLater(verdict, ctx, next) : settle(verdict, ctx, next);
    };
  }

  requireAuth();
  return {
    requireAuth,
    optionalAuth: () => requireAuth({ optional: true }),
    async handler(ctx, next) {
      if (!isMounted(ctx.originalUrl)) return next();
      const { body, rawBody } = ctx.request as { readonly body?: unknown; readonly rawBody?: unknown };
      const handed = { target: ctx.originalUrl, body, rawBody };
      const answer = await askHandler(auth, ctx.req, ctx.res, handed);
      if (isEndless(answer)) await writeEndless(ctx, answer);
      else writeTo(ctx, answer);
    },
  };
}

type Guarded = Parameters<Middleware<AuthState>>[0];

function settle({ auth, answer, setCookies }: Verdict, ctx: Guarded, next: Next): unknown {
  ctx.state.auth = auth;
  addCookies(ctx.res, setCookies);
  if (answer === undefined) return next();
  ctx.status = answer.status;
  ctx.set(answer.headers);
  ctx.body = answer.body;
  return undefined;
}

/** Apart, so that a closure is made only for what is waited for. */
function settleLater(verdict: Promise<Verdict>, ctx: Guarded, next: Next): unknown {
  return verdict.then((found) => settle(found, ctx, next));
}

function isEndless({ headers }: Response): boolean {
  return headers.get("content-type") === "text/event-stream";
}

/** Koa takes it for an error of the application each time somebody leaves before the end, and this has none. */
function writeEndless(ctx: Context, answer: Response): Promise<void> {
  ctx.respond = false;
  return writeResponse(ctx.res, answer);
}

/** By Koa's own means, so that what stands around us sees the answer. */
function writeTo(ctx: Context, { status, headers, body }: Response): void {
  ctx.status = status;
  for (const [name, value] of headers) {
    if (name === "set-cookie" || name === "vary") ctx.append(name, value);
    else ctx.set(name, value);
  }
  // Without a body Koa would make the status 204.
  if (body !== null) ctx.body = streamOf(body);
}
