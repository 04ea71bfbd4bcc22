import type { Auth, Authenticated, CallContext } from "../../types.ts";
import { type PageRequirement, passOrTurnAway, turnAway } from "./page.ts";
import type { NextAuthOptions } from "./proxy.ts";
import { readVisit, setCookies } from "./visit.ts";

/** What server actions ask. */
export interface Actions {
  /**
   * Who called the action: a page of ours, for somebody who is signed in and has what is required. Renews what is about to
   * expire. Call it first: an action is a public address that anybody can post to, whatever page shows its form.
   */
  readonly requireAction: (requirement?: PageRequirement) => Promise<Authenticated>;
  /**
   * Where a call of `auth.api` in an action comes from, if a page of ours called it. `actor`: who does it, where somebody
   * is signed in.
   */
  readonly actionCall: (actor?: string) => Promise<CallContext>;
}

/** Makes the checks of server actions. Each begins with where the request comes from (P26). */
export function makeActions(auth: Auth, options: NextAuthOptions): Actions {
  async function actionCall(actor?: string): Promise<CallContext> {
    const request = await readVisit("POST");
    const refusal = auth.checkOrigin(request);
    if (refusal !== undefined) return turnAway(refusal.code);
    return { request, remoteAddress: options.remoteAddress?.(request.headers), actor };
  }

  return {
    actionCall,
    async requireAction(requirement = {}) {
      const call = await actionCall();
      const renewed = await auth.renew(call.request ?? (await readVisit("POST")), call);
      await setCookies(renewed.setCookies);
      return passOrTurnAway(auth, renewed.result, requirement, options);
    },
  };
}
