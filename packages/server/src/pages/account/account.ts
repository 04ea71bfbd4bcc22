import { goTo, showPage } from "../parts/answer.ts";
import { refusedPage } from "../parts/refused.ts";
import type { Submission, Visit } from "../site.ts";
import { contextOf, type Who, whoSent } from "../who.ts";
import { actions } from "./actions.ts";
import { type AccountState, accountPage } from "./view.ts";

const signIn = "/sign-in?next=/account";

/** `GET /account` */
export async function showAccount(visit: Visit): Promise<Response> {
  const who = await whoSent(visit);
  if (who === undefined) return goTo(visit.c, signIn);
  return render(visit, who, { done: visit.c.req.query("done") });
}

/** `POST /account`: one of its forms, named by the field `action`. */
export async function postAccount(sent: Submission): Promise<Response> {
  const who = await whoSent(sent);
  if (who === undefined) return goTo(sent.c, signIn);
  const action = sent.form.get("action");
  const run = actions.get(action);
  if (run === undefined) return showPage(sent.c, refusedPage({ ok: false, code: "invalid_input" }));
  const outcome = await run(sent, who);
  if (outcome.ok) return goTo(sent.c, outcome.goTo, outcome.setCookies);
  // Ended by another device meanwhile: there is no account to be shown any more.
  if (outcome.failure.status === 401) return goTo(sent.c, signIn);
  return render(sent, who, { failed: { action, failure: outcome.failure } });
}

/** `POST /sign-out`: ends the session of the request. Also fine for who is signed out already. */
export async function postSignOut(sent: Submission): Promise<Response> {
  const { site, c } = sent;
  const result = await site.auth.api.signOut(c.req.raw, {}, contextOf(sent));
  if (!result.ok) return showPage(c, refusedPage(result));
  return goTo(c, "/sign-in?done=signed-out", result.setCookies);
}

type Rest = Pick<AccountState, "done" | "failed">;

async function render({ site, c }: Visit, who: Who, rest: Rest): Promise<Response> {
  const devices = await site.auth.api.listSessions({ userId: who.current.user.id });
  return showPage(c, accountPage({ who, devices, passwordMinLength: site.passwordMinLength, ...rest }));
}
