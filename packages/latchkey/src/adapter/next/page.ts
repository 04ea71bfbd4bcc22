import { type ErrorCode, statusOf } from "../../errors.ts";
import type { Auth, Authenticated, AuthResult } from "../../types.ts";
import { toSignIn } from "../guard/page.ts";
import {
  type AdapterOptions,
  checkOptions,
  checkRequirement,
  lackOf,
  type Requirement,
} from "../guard/requirement.ts";
import { readVisit } from "./visit.ts";

/** What somebody must have for a page or an action, and where they go to sign in. */
export interface PageRequirement extends Omit<Requirement, "optional"> {
  /** In place of the option of the same name. */
  readonly signIn?: string | undefined;
  /** The way back after signing in, where no proxy tells it. */
  readonly next?: string | undefined;
}

/** What server components ask. */
export interface Pages {
  /** Who sent the request, or why nobody counts as its sender. Asked once, however many components of a page ask. */
  readonly auth: () => Promise<AuthResult>;
  /** Who sent the request. Whoever is not signed in or lacks something never sees what comes after it. */
  readonly requireAuth: (requirement?: PageRequirement) => Promise<Authenticated>;
}

/** Makes the checks of server components. Nothing is renewed in them: they cannot set a cookie. */
export function makePages(auth: Auth, options: AdapterOptions): Pages {
  const check = async (): Promise<AuthResult> => auth.authenticate(await readVisit("GET"));
  let remembering: Promise<() => Promise<AuthResult>> | undefined;

  // What React remembers lasts for one rendering: what an action changes, the page that comes after it sees.
  async function ask(): Promise<AuthResult> {
    remembering ??= import("react").then(({ cache }) => (cache === undefined ? check : cache(check)));
    return (await remembering)();
  }

  return {
    auth: ask,
    requireAuth: async (requirement = {}) => passOrTurnAway(auth, await ask(), requirement, options),
  };
}

/**
 * Gives back who has what is required; leads everybody else away, as Next does it: by throwing.
 *
 * @throws LatchkeyError `misuse` for a requirement that is none
 */
export async function passOrTurnAway(
  auth: Auth,
  result: AuthResult,
  { signIn, next, ...requirement }: PageRequirement,
  options: AdapterOptions,
): Promise<Authenticated> {
  checkRequirement(requirement);
  checkOptions({ signIn });
  const lack = result.ok ? lackOf(result, requirement, auth.now) : result.code;
  if (result.ok && lack === undefined) return result;
  return turnAway(lack ?? "forbidden", signIn ?? options.signIn, next);
}

/** 401: to the page that signs in, or Next's `unauthorized()`. Everything else: Next's `forbidden()`. */
export async function turnAway(code: ErrorCode, signIn?: string, next?: string): Promise<never> {
  const { forbidden, redirect, unauthorized } = await import("next/navigation.js");
  if (statusOf(code) !== 401) return forbidden();
  const { target } = await readVisit("GET");
  const answer = signIn === undefined ? undefined : toSignIn(signIn, next ?? target);
  const location = answer?.headers.location;
  return location === undefined ? unauthorized() : redirect(location);
}
