import { type Failure, failureOf, newPasswordWording, type Wording } from "../../forms/failure.ts";
import type { Submission } from "../site.ts";
import { contextOf, cookiesOf, type Who } from "../who.ts";

/** What came of a form on the account page. */
export type Outcome =
  | { readonly ok: true; readonly goTo: string; readonly setCookies?: readonly string[] }
  | { readonly ok: false; readonly failure: Failure };

type Action = (sent: Submission, who: Who) => Promise<Outcome>;

/** The forms of the account page, by the value of their field `action`. */
export const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["rename", rename],
  ["change-password", changePassword],
  ["revoke", revoke],
  ["revoke-others", revokeOthers],
  ["delete", deleteAccount],
]);

async function rename(sent: Submission, who: Who): Promise<Outcome> {
  const name = sent.form.get("name").trim();
  const input = { userId: who.current.user.id, name: name === "" ? null : name };
  const result = await sent.site.auth.api.updateUser(input, contextOf(sent, who));
  return result.ok ? done("name") : failed(failureOf(result, { invalid_input: { fields: ["name"] } }));
}

async function changePassword(sent: Submission, who: Who): Promise<Outcome> {
  const { site, form } = sent;
  const [currentPassword, newPassword] = [form.get("currentPassword"), form.get("newPassword")];
  const input = { currentPassword, newPassword, current: who.current };
  const result = await site.auth.api.changePassword(input, contextOf(sent, who));
  if (result.ok) return { ...done("password"), setCookies: cookiesOf(result) };
  const wording: Wording = {
    wrong_password: {
      fields: ["currentPassword"],
      summary: "The current password is wrong. Try it again.",
    },
    ...newPasswordWording("newPassword", site.passwordMinLength),
  };
  return failed(failureOf(result, wording));
}

/** Ends a session only if it is this user's: the id comes from a form that anyone could write. */
async function revoke(sent: Submission, who: Who): Promise<Outcome> {
  const input = { sessionId: sent.form.get("sessionId"), userId: who.current.user.id };
  const result = await sent.site.auth.api.revokeSession(input, contextOf(sent, who));
  if (result.ok) return done("device");
  const summary = "That device is not signed in any more. Nothing is left to do.";
  return failed(failureOf(result, { session_not_found: { summary } }));
}

async function revokeOthers(sent: Submission, who: Who): Promise<Outcome> {
  const { current } = who;
  const input = { userId: current.user.id, sessionId: current.session.id, current };
  const result = await sent.site.auth.api.revokeOtherSessions(input, contextOf(sent, who));
  return result.ok ? done("others") : failed(failureOf(result, {}));
}

async function deleteAccount(sent: Submission, who: Who): Promise<Outcome> {
  const { site, form, c } = sent;
  const { api } = site.auth;
  const input = { userId: who.current.user.id, password: form.get("password") };
  const result = await api.deleteUser(input, contextOf(sent, who));
  if (!result.ok) {
    const summary = "The password is wrong, so nothing was deleted. Try it again.";
    return failed(failureOf(result, { wrong_password: { fields: ["password"], summary } }));
  }
  const out = await api.signOut(c.req.raw);
  return { ok: true, goTo: "/sign-in?done=deleted", setCookies: out.ok ? out.setCookies : [] };
}

function done(what: string): Outcome & { ok: true } {
  return { ok: true, goTo: `/account?done=${what}` };
}

function failed(failure: Failure): Outcome {
  return { ok: false, failure };
}
