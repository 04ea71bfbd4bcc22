import { withCookie } from "../../auth/renew.ts";
import { LatchkeyError, type Refusal, refuse, statusOf } from "../../errors.ts";
import type { MaybePromise } from "../../lib/maybe-promise.ts";
import { isBearer } from "../../read/credential.ts";
import type { Auth, Authenticated, AuthResult, CallContext, CheckContext, RequestLike } from "../../types.ts";
import { type Answer, problemAnswer } from "../../write/problem.ts";
import { isPage, toSignIn } from "./page.ts";
import {
  type AdapterOptions,
  checkOptions,
  checkRequirement,
  lackOf,
  type Requirement,
} from "./requirement.ts";

/** A request as a guard sees it. Nothing but what is asked for is made. */
export interface GuardRequest extends RequestLike {
  /** Path and query as the client asked for them. */
  readonly target: string;
  /** Address of the peer's end of the connection. */
  readonly remoteAddress: string | undefined;
  /** Where nothing runs between two requests: what lets work go on after the answer. */
  readonly context?: CheckContext | undefined;
  /**
   * Whether what it carries may be renewed. Default: if a browser shows the answer as a page. True where a framework lets
   * nobody see that; what can take a cookie with the answer takes a renewed one. False where not every answer could.
   */
  readonly renewable?: boolean | undefined;
  /** The framework's own object: what stays the same however often a request is looked at. */
  readonly carrier: object;
}

/** Where a call of `auth.api` comes from: always from a request. */
export interface Call extends CallContext {
  readonly request: RequestLike;
}

/** What a guard found. */
export interface Verdict {
  /** Who sent the request; undefined: nobody, or it is to be answered as below. */
  readonly auth: Authenticated | undefined;
  /** To be answered with instead of going on. */
  readonly answer: Answer | undefined;
  /** To be added to the response, whichever it is, and kept from every cache with it. */
  readonly setCookies: readonly string[];
}

/** Judges a request. Answers at once where nothing must be waited for. */
export type Guard = (request: GuardRequest) => MaybePromise<Verdict>;

const none: readonly string[] = [];

/** The cookies of requests whose credential was renewed: what they came with is not to be used a second time. */
const renewed = new WeakMap<object, string>();

/**
 * Makes the guard of a route. It never throws for what a client sends, and answers 503 where it cannot be told who sent
 * it; every other error is the framework's to handle.
 *
 * @throws LatchkeyError `misuse` for a requirement or an option that is none
 */
export function makeGuard(auth: Auth, requirement: Requirement = {}, options: AdapterOptions = {}): Guard {
  checkRequirement(requirement, auth.roles);
  checkOptions(options);
  const { optional = false } = requirement;

  function judge(request: GuardRequest, result: AuthResult, setCookies: readonly string[]): Verdict {
    if (!result.ok) {
      const answer = optional && isNobody(request, result) ? undefined : refused(request, result);
      return { auth: undefined, answer, setCookies };
    }
    const lack = lackOf(result, requirement, auth.now);
    if (lack === undefined) return { auth: result, answer: undefined, setCookies };
    return { auth: undefined, answer: problemAnswer(refuse(lack)), setCookies };
  }

  function refused(request: GuardRequest, refusal: Refusal): Answer {
    const { signIn } = options;
    const sends = signIn !== undefined && statusOf(refusal.code) === 401 && isPage(request);
    return (sends ? toSignIn(signIn, request.target) : undefined) ?? problemAnswer(refusal);
  }

  function failed(error: unknown): Verdict {
    if (!(error instanceof LatchkeyError) || statusOf(error.code) !== 503) throw error;
    options.onFault?.(error);
    return { auth: undefined, answer: problemAnswer(error), setCookies: none };
  }

  /** A page of a cookie client is the moment at which its tokens are renewed (P30). */
  async function judgePage(request: GuardRequest): Promise<Verdict> {
    const { carrier, remoteAddress } = request;
    const known = renewed.get(carrier);
    if (known !== undefined) return judge(request, await auth.authenticate(withCookie(request, known)), none);
    const { result, setCookies, cookie } = await auth.renew(request, { request, remoteAddress });
    if (cookie !== undefined) renewed.set(carrier, cookie);
    return judge(request, result, setCookies);
  }

  return (request) => {
    try {
      if (request.renewable !== false && mayRenew(request) && (request.renewable ?? isPage(request)))
        return judgePage(request).catch(failed);
      // Where nothing may be renewed, a guard before this one may have done it.
      const shown = request.renewable === false ? asRenewed(request) : request;
      const found = auth.authenticate(shown, request.context);
      return found instanceof Promise
        ? found.then((result) => judge(request, result, none)).catch(failed)
        : judge(request, found, none);
    } catch (error) {
      return failed(error);
    }
  };
}

/** Whether there may be anything to renew by: every refresh cookie has a name that ends like this. */
export function mayRenew(request: RequestLike): boolean {
  return !isBearer(request) && request.headers.get("cookie")?.includes("-refresh") === true;
}

/**
 * Whether a refusal may count as "nobody is signed in": a cookie comes along by itself, but a program that sends a
 * Bearer token wants to be told if it is no good (RFC 6750, section 3.1). A request of another site is always refused.
 */
function isNobody(request: RequestLike, { code }: Refusal): boolean {
  return code === "credential_missing" || (statusOf(code) === 401 && !isBearer(request));
}

/** The request with what its credential was renewed to meanwhile, for whoever asks about it again. */
export function asRenewed<Request extends GuardRequest>(request: Request): RequestLike {
  const cookie = renewed.get(request.carrier);
  return cookie === undefined ? request : withCookie(request, cookie);
}
