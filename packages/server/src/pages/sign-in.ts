import { html } from "hono/html";
import { safeNext } from "latchkey/node";
import { checkEmail, type Failure, failureOf, type Wording } from "../forms/failure.ts";
import { pagesClient } from "../settings/clients.ts";
import { goTo, showPage } from "./parts/answer.ts";
import { doneNote, fieldOf, summaryOf } from "./parts/fields.ts";
import type { Page, Site, Submission, Visit } from "./site.ts";
import { contextOf, cookiesOf, whoSent } from "./who.ts";

/** Where people go when nothing else is asked for. */
const home = "/account";

const wording: Wording = {
  // Both fields: which of the two was wrong is nobody's business.
  invalid_credentials: {
    fields: ["email", "password"],
    summary: "The e-mail address or the password is wrong. Check both and try again.",
  },
  user_banned: { summary: "This account is banned. Ask the people who run this site." },
};

/** What a visit may say was done: a fixed set, since anyone can write a link. */
const notes: ReadonlyMap<string, string> = new Map([
  ["signed-out", "You are signed out on this device."],
  ["deleted", "Your account is deleted and signed out everywhere."],
]);

/** `GET /sign-in` */
export async function showSignIn(visit: Visit): Promise<Response> {
  const { c, site } = visit;
  const next = safeNext(c.req.query("next"), home);
  if ((await whoSent(visit)) !== undefined) return goTo(c, next);
  return showPage(c, signInPage(site, { next, note: notes.get(c.req.query("done") ?? "") }));
}

/** `POST /sign-in` */
export async function postSignIn(sent: Submission): Promise<Response> {
  const { c, site, form } = sent;
  const email = form.get("email");
  const next = safeNext(form.get("next"), home);
  const rememberMe = form.get("remember") === "yes";
  const again = (failure: Failure) => showPage(c, signInPage(site, { next, email, rememberMe, failure }));
  const mistyped = checkEmail(email);
  if (mistyped !== undefined) return again(mistyped);
  const input = { email, password: form.get("password"), client: pagesClient, rememberMe };
  const result = await site.auth.api.signInEmail(input, contextOf(sent));
  return result.ok ? goTo(c, next, cookiesOf(result)) : again(failureOf(result, wording));
}

interface SignInState {
  readonly next: string;
  readonly note?: string | undefined;
  readonly email?: string;
  readonly rememberMe?: boolean;
  readonly failure?: Failure;
}

function signInPage(site: Site, { next, note, email = "", rememberMe = true, failure }: SignInState): Page {
  const body = html`<h1>Sign in</h1>
${doneNote(note)}${summaryOf(failure)}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
${fieldOf({ name: "email", label: "E-mail address", type: "email", autocomplete: "username", value: email }, failure)}
${fieldOf({ name: "password", label: "Password", type: "password", autocomplete: "current-password" }, failure)}
<div class="check">
<input id="remember" name="remember" type="checkbox" value="yes" ${rememberMe ? "checked" : ""}>
<label for="remember">Keep me signed in on this device</label>
</div>
<button class="primary" type="submit">Sign in</button>
</form>
${site.signUpOpen && html`<p class="aside">No account yet? <a href="/sign-up">Create one</a></p>`}`;
  const { status = 200, retryAfter } = failure ?? {};
  return { title: failure ? "Not signed in" : "Sign in", body, status, retryAfter };
}
