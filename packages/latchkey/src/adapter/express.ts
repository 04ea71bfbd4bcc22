import type { Auth, Authenticated } from "../types.ts";
import type { AdapterOptions } from "./guard/requirement.ts";
import { type NodeAuth, nodeAuth } from "./node.ts";

export { callFrom, safeNext, sendCookies, signedIn } from "./node.ts";
export type { AdapterOptions, NodeAuth };

declare global {
  namespace Express {
    interface Request {
      /** Who sent the request. Set by every guard of `expressAuth`, also to undefined. */
      auth?: Authenticated | undefined;
    }
  }
}

/**
 * Middlewares for Express 4 and 5. They call `next()` in the same turn where nothing must be waited for, and never give
 * Express a promise: what goes wrong reaches `next(error)`.
 *
 * @throws LatchkeyError `misuse` for an option that is none
 */
export function expressAuth(auth: Auth, options: AdapterOptions = {}): NodeAuth {
  return nodeAuth(auth, options);
}
