import { html } from "hono/html";
import type { PublicUser } from "latchkey";
import type { Failure } from "../../forms/failure.ts";
import { fieldOf, newPasswordField, summaryOf, timeOf } from "../parts/fields.ts";
import type { Markup } from "../site.ts";

/** Who am I. */
export function profileSection(user: PublicUser, failure?: Failure): Markup {
  const name = { name: "name", label: "Name", type: "text", autocomplete: "name", optional: true } as const;
  return html`<section aria-labelledby="profile">
<h2 id="profile">Who you are</h2>
<dl class="profile">
<div><dt>E-mail address</dt><dd>${user.email ?? "none"}</dd></div>
<div><dt>Roles</dt><dd>${user.roles.length === 0 ? "none" : user.roles.join(", ")}</dd></div>
<div><dt>Member since</dt><dd>${timeOf(user.createdAt)}</dd></div>
</dl>
${summaryOf(failure)}
<form method="post" action="/account">
<input type="hidden" name="action" value="rename">
${fieldOf({ ...name, value: user.name ?? "" }, failure)}
<button type="submit">Save name</button>
</form>
</section>`;
}

/** Change password. The e-mail address goes along unseen, so that a password manager knows whose password it is. */
export function passwordSection(user: PublicUser, minLength: number, failure?: Failure): Markup {
  const current = { name: "currentPassword", label: "Current password", type: "password" } as const;
  const next = newPasswordField(minLength, { name: "newPassword", label: "New password" });
  return html`<section aria-labelledby="password">
<h2 id="password">Change password</h2>
<p class="hint" id="password-effect">You stay signed in here, with a renewed cookie. Every other device is signed
out.</p>
${summaryOf(failure)}
<form method="post" action="/account" aria-describedby="password-effect">
<input type="hidden" name="action" value="change-password">
<input class="unseen" type="text" name="username" value="${user.email ?? ""}" autocomplete="username" readonly
tabindex="-1" aria-hidden="true">
${fieldOf({ ...current, autocomplete: "current-password" }, failure)}
${fieldOf(next, failure)}
<button type="submit">Change password</button>
</form>
</section>`;
}

/** Delete account: folded away, and only with the password. */
export function deleteSection(failure?: Failure): Markup {
  const field = {
    name: "password",
    id: "delete-password",
    label: "Your password",
    type: "password",
  } as const;
  return html`<section aria-labelledby="delete">
<h2 id="delete">Delete account</h2>
<details ${failure ? "open" : ""}>
<summary>Delete this account …</summary>
<p>This removes the account and signs it out everywhere at once. It cannot be undone.</p>
${summaryOf(failure)}
<form method="post" action="/account">
<input type="hidden" name="action" value="delete">
${fieldOf({ ...field, autocomplete: "current-password" }, failure)}
<button class="danger" type="submit">Delete my account</button>
</form>
</details>
</section>`;
}
