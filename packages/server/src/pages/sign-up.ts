import { html } from "hono/html";
import { checkEmail, type Failure, failureOf, newPasswordWording, type Wording } from "../forms/failure.ts";
import { pagesClient } from "../settings/clients.ts";
import { goTo, showPage } from "./parts/answer.ts";
import { fieldOf, newPasswordField, summaryOf } from "./parts/fields.ts";
import type { Page, Site, Submission, Visit } from "./site.ts";
import { contextOf, cookiesOf, whoSent } from "./who.ts";

/** `GET /sign-up` */
export async function showSignUp(visit: Visit): Promise<Response> {
  const { c, site } = visit;
  if ((await whoSent(visit)) !== undefined) return goTo(c, "/account");
  if (!site.signUpOpen)
    return showPage(c, signUpPage(site, { failure: failureOf({ ok: false, code: "sign_up_disabled" }, {}) }));
  return showPage(c, signUpPage(site, {}));
}

/** `POST /sign-up` */
export async function postSignUp(sent: Submission): Promise<Response> {
  const { c, site, form } = sent;
  const email = form.get("email");
  const name = form.get("name").trim();
  const again = (failure: Failure) => showPage(c, signUpPage(site, { email, name, failure }));
  const mistyped = checkEmail(email);
  if (mistyped !== undefined) return again(mistyped);
  const input = { email, name: name || null, password: form.get("password"), client: pagesClient };
  const result = await site.auth.api.signUpEmail(input, contextOf(sent));
  return result.ok ? goTo(c, "/account", cookiesOf(result)) : again(failureOf(result, wordingFor(site)));
}

function wordingFor(site: Site): Wording {
  return {
    email_taken: {
      fields: ["email"],
      summary: "An account with this e-mail address exists. Sign in instead, or use another address.",
    },
    ...newPasswordWording("password", site.passwordMinLength),
  };
}

interface SignUpState {
  readonly email?: string;
  readonly name?: string;
  readonly failure?: Failure;
}

function signUpPage(site: Site, { email = "", name = "", failure }: SignUpState): Page {
  const password = newPasswordField(site.passwordMinLength, { name: "password", label: "Password" });
  const form = html`<form method="post" action="/sign-up">
${fieldOf({ name: "name", label: "Name", type: "text", autocomplete: "name", optional: true, value: name }, failure)}
${fieldOf({ name: "email", label: "E-mail address", type: "email", autocomplete: "username", value: email }, failure)}
${fieldOf(password, failure)}
<button class="primary" type="submit">Create account</button>
</form>`;
  const body = html`<h1>Create an account</h1>
${summaryOf(failure)}
${site.signUpOpen && form}
<p class="aside">Have an account? <a href="/sign-in">Sign in</a></p>`;
  return {
    title: failure ? "Account not created" : "Create an account",
    body,
    status: failure?.status ?? 200,
    retryAfter: failure?.retryAfter,
  };
}
