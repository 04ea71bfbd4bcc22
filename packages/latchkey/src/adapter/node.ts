import type { Auth } from "../types.ts";
import { makeGuard } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { makeIsMounted } from "./guard/target.ts";
import { askHandler } from "./node/fetch.ts";
import { type AuthRequest, guarding, type NodeMiddleware } from "./node/middleware.ts";
import { callFrom, targetOf } from "./node/request.ts";
import { sendCookies, writeResponse } from "./node/respond.ts";

export { safeNext } from "./guard/safe-next.ts";
export { signedIn } from "./guard/signed-in.ts";
export type { AdapterOptions, AuthRequest, NodeMiddleware, Requirement };
export { callFrom, sendCookies };

/** What an application mounts. */
export interface NodeAuth {
  /** Answers what is below the base path, and the metadata at the root; passes everything else on. */
  readonly handler: NodeMiddleware;
  /** Lets those through who are signed in and have what is required: they are in `request.auth`. */
  readonly requireAuth: (requirement?: Requirement) => NodeMiddleware;
  /** Lets everybody through: `request.auth` says who is signed in, if anybody. */
  readonly optionalAuth: () => NodeMiddleware;
}

/**
 * Middlewares for Node's own server, and for every framework that takes Connect's.
 *
 * @throws LatchkeyError `misuse` for an option that is none
 */
export function nodeAuth(auth: Auth, options: AdapterOptions = {}): NodeAuth {
  const isMounted = makeIsMounted(auth.basePath);
  const requireAuth = (requirement: Requirement = {}): NodeMiddleware =>
    guarding(makeGuard(auth, requirement, options));
  requireAuth();
  return {
    requireAuth,
    optionalAuth: () => requireAuth({ optional: true }),
    handler(request, response, next) {
      if (!isMounted(targetOf(request))) {
        next();
        return;
      }
      void askHandler(auth, request, response)
        .then((answer) => writeResponse(response, answer))
        .catch(next);
    },
  };
}
