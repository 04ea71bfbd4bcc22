import { html } from "hono/html";
import { checkEmail, type Failure, failureOf, newPasswordWording } from "../forms/failure.ts";
import { adminRole } from "../run/first-admin.ts";
import { pagesClient } from "../settings/clients.ts";
import { goTo, showPage } from "./parts/answer.ts";
import { fieldOf, newPasswordField, summaryOf } from "./parts/fields.ts";
import type { Page, Site, Submission, Visit } from "./site.ts";
import { contextOf, cookiesOf } from "./who.ts";

/** `GET /setup?token=…`, the link that the start printed. */
export async function showSetup({ c, site }: Visit): Promise<Response> {
  const token = c.req.query("token") ?? "";
  return showPage(c, (await isOpen(site, token)) ? setupPage(site, { token }) : closedPage);
}

/** `POST /setup` makes the first administrator and signs them in. */
export async function postSetup(sent: Submission): Promise<Response> {
  const { c, site, form } = sent;
  const token = form.get("token");
  if (!(await isOpen(site, token))) return showPage(c, closedPage);
  const [email, password, name] = [form.get("email"), form.get("password"), form.get("name").trim()];
  const again = (failure: Failure) => showPage(c, setupPage(site, { token, email, name, failure }));
  const mistyped = checkEmail(email);
  if (mistyped !== undefined) return again(mistyped);
  const input = { email, password, name: name || null, roles: [adminRole], firstOf: adminRole };
  const made = await site.auth.api.createUser(input, contextOf(sent));
  if (!made.ok && made.code !== "role_taken") return again(failureOf(made, wordingFor(site)));
  site.gate.close();
  if (!made.ok) return showPage(c, closedPage);
  const signedIn = await site.auth.api.signInEmail({ email, password, client: pagesClient }, contextOf(sent));
  return signedIn.ok ? goTo(c, "/account", cookiesOf(signedIn)) : goTo(c, "/sign-in");
}

/** Whether the link still works. It dies with the first administrator, however that one was made. */
async function isOpen({ auth, gate }: Site, token: string): Promise<boolean> {
  if (!gate.admits(token)) return false;
  if (!(await auth.api.hasRole({ role: adminRole }))) return true;
  gate.close();
  return false;
}

function wordingFor(site: Site): ReturnType<typeof newPasswordWording> {
  const summary = "An account with this e-mail address exists. Use another address for the administrator.";
  return {
    email_taken: { fields: ["email"], summary },
    ...newPasswordWording("password", site.passwordMinLength),
  };
}

interface SetupState {
  readonly token: string;
  readonly email?: string;
  readonly name?: string;
  readonly failure?: Failure;
}

function setupPage(site: Site, { token, email = "", name = "", failure }: SetupState): Page {
  const password = newPasswordField(site.passwordMinLength, { name: "password", label: "Password" });
  const body = html`<h1>Make the first administrator</h1>
<p>This account may do everything on this server. The link that brought you here works once.</p>
${summaryOf(failure)}
<form method="post" action="/setup">
<input type="hidden" name="token" value="${token}">
${fieldOf({ name: "name", label: "Name", type: "text", autocomplete: "name", optional: true, value: name }, failure)}
${fieldOf({ name: "email", label: "E-mail address", type: "email", autocomplete: "username", value: email }, failure)}
${fieldOf(password, failure)}
<button class="primary" type="submit">Create administrator</button>
</form>`;
  return { title: "Make the first administrator", body, status: failure?.status ?? 200 };
}

const closedPage: Page = {
  title: "This link does not work",
  body: html`<h1>This link does not work</h1>
<p>It was used already, an administrator exists, or the server was started again. While nobody is an administrator,
each start of the server prints a new link.</p>
<p class="aside"><a href="/sign-in">Sign in</a></p>`,
  status: 403,
};
