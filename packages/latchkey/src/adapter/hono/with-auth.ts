import type { Context, Env, Handler, Input, Next, TypedResponse } from "hono";
import { misuse } from "../../errors.ts";
import type { Auth } from "../../types.ts";
import { answerResponse } from "../guard/fetch.ts";
import { type GuardRequest, makeGuard, type Verdict } from "../guard/guard.ts";
import type { AdapterOptions, Requirement } from "../guard/requirement.ts";
import { beside } from "./answer.ts";
import type { SignedInEnv } from "./env.ts";

type Answered = Response | TypedResponse | Promise<Response | TypedResponse>;

/** Puts a guard around a handler. `AppEnv`: that of the application. */
export type WithAuth<AppEnv extends Env> = <P extends string, I extends Input, R extends Answered>(
  requirement: Omit<Requirement, "optional">,
  handler: Handler<AppEnv & SignedInEnv, P, I, R>,
) => Handler<AppEnv, P, I, R | Promise<Awaited<R>>>;

/** Answers at once where the guard and the handler do. */
export function makeWithAuth<AppEnv extends Env>(
  auth: Auth,
  options: AdapterOptions,
  guardRequest: (c: Context) => GuardRequest,
): WithAuth<AppEnv> {
  return (requirement, handler) => {
    checkUse(requirement, handler);
    const guard = makeGuard(auth, requirement, options);
    const goOn = handler as Handler;
    const guarded: Handler = (c, next) => {
      c.set("auth", undefined);
      const verdict = guard(guardRequest(c));
      return verdict instanceof Promise
        ? settleLater(verdict, goOn, c, next)
        : settle(verdict, goOn, c, next);
    };
    // What has two parameters Hono's tools take for a middleware.
    return Object.defineProperty(guarded, "length", { value: 1 });
  };
}

/** Nothing is renewed, so that there are no cookies to add. */
function settle({ auth, answer }: Verdict, goOn: Handler, c: Context, next: Next): unknown {
  c.set("auth", auth);
  return answer === undefined ? goOn(c, next) : beside(c, answerResponse(answer, []));
}

/** Apart, so that a closure is made only for what is waited for. */
function settleLater(verdict: Promise<Verdict>, goOn: Handler, c: Context, next: Next): unknown {
  return verdict.then((found) => settle(found, goOn, c, next));
}

function checkUse(requirement: unknown, handler: unknown): void {
  if (typeof requirement !== "object" || requirement === null || typeof handler !== "function")
    misuse('withAuth() takes what is required and one handler: withAuth({ role: "editor" }, (c) => …).');
  if ("optional" in requirement) misuse("withAuth() has no optional: use optionalAuth().");
}
