import type { Authenticated } from "../../types.ts";

/** Who sent the request, in `c.var` behind a guard, which sets it also to undefined. For `new Hono<AuthEnv>()`. */
export interface AuthEnv {
  Variables: { auth: Authenticated | undefined };
}

/** The same behind `requireAuth()`. */
export interface SignedInEnv {
  Variables: { auth: Authenticated };
}
