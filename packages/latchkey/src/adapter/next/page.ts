import { type ErrorCode, statusOf } from "../../errors.ts";
import type { Auth, Authenticated, AuthResult, CallContext } from "../../types.ts";
import { toSignIn } from "../guard/page.ts";
import { checkOptions, checkRequirement, lackOf, type Requirement } from "../guard/requirement.ts";
import type { NextAuthOptions } from "./proxy.ts";
import { readVisit } from "./visit.ts";

/** What somebody must have for a page or an action, and where they go to sign in. */
export interface PageRequirement extends Omit<Requirement, "optional"> {
  /** In place of the option of the same name. */
  readonly signIn?: string | undefined;
  /** The way back after signing in, where no proxy tells it. */
  readonly next?: string | undefined;
}

/** What server components and server actions ask. */
export interface Pages {
  /** Who sent the request, or why nobody counts as its sender. Asked once, however many components of a page ask. */
  readonly auth: () => Promise<AuthResult>;
  /**
   * Who sent the request. Whoever is not signed in or lacks something never gets to what comes after it. To be called in
   * each page, and first thing in each action: an action is an address that anybody can post to, whatever page shows its
   * form.
   */
  readonly requireAuth: (requirement?: PageRequirement) => Promise<Authenticated>;
  /**
   * Where a call of `auth.api` in an action comes from, if one of our pages called the action; with another site's it ends
   * here. `actor`: who does it, where somebody is signed in.
   */
  readonly callFrom: (actor?: string) => Promise<ActionCall>;
}

/** A {@link CallContext} that has a request. */
export type ActionCall = CallContext & Required<Pick<CallContext, "request">>;

/** Makes the checks of server components and actions. Nothing is renewed in them: a component cannot set a cookie. */
export function makePages(auth: Auth, options: NextAuthOptions): Pages {
  const check = async (): Promise<AuthResult> => auth.authenticate(await readVisit());
  let remembering: Promise<() => Promise<AuthResult>> | undefined;

  // What React remembers lasts for one rendering: what an action changes, the page that comes after it sees.
  async function ask(): Promise<AuthResult> {
    remembering ??= import("react").then(({ cache }) => (cache === undefined ? check : cache(check)));
    return (await remembering)();
  }

  return {
    auth: ask,
    async requireAuth({ signIn = options.signIn, next, ...requirement } = {}) {
      checkRequirement(requirement, auth.roles);
      checkOptions({ signIn });
      const result = await ask();
      const lack = result.ok ? lackOf(result, requirement, auth.now) : result.code;
      if (result.ok && lack === undefined) return result;
      return turnAway(lack ?? "forbidden", signIn, next);
    },
    async callFrom(actor) {
      const { headers } = await readVisit();
      const request = { method: "POST", headers };
      const refusal = auth.checkOrigin(request);
      if (refusal !== undefined) return turnAway(refusal.code);
      return { request, remoteAddress: options.remoteAddress?.(headers), actor };
    },
  };
}

/**
 * Leads somebody away, as Next does it: by throwing. 401: to the page that signs in, or Next's `unauthorized()`. Everything
 * else: Next's `forbidden()`.
 */
async function turnAway(code: ErrorCode, signIn?: string, next?: string): Promise<never> {
  const { forbidden, redirect, unauthorized } = await import("next/navigation.js");
  if (statusOf(code) !== 401) return forbidden();
  const answer = signIn === undefined ? undefined : toSignIn(signIn, next ?? (await readVisit()).target);
  const location = answer?.headers.location;
  return location === undefined ? unauthorized() : redirect(location);
}
