import { type Refusal, refuse } from "../errors.ts";
import type { AuthApi, Settings } from "../types.ts";
import { canonicalEmail } from "./email.ts";
import { checkNewPassword } from "./password/policy.ts";
import { checkName, checkRoles } from "./text.ts";

/** Checks what a user is to be made of, and gives the address in its canonical spelling. */
export async function checkNewUser(
  { email: text, name = null, roles = [], password, firstOf }: Parameters<AuthApi["createUser"]>[0],
  { passwordMinLength, namedRoles }: Pick<Settings, "passwordMinLength" | "namedRoles">,
): Promise<{ readonly ok: true; readonly email: string } | Refusal> {
  const email = canonicalEmail(text);
  if (email === undefined) return refuse("invalid_input", { detail: "email: not an e-mail address." });
  const refusal =
    checkName(name) ??
    checkRoles(firstOf === undefined ? roles : [...roles, firstOf], namedRoles) ??
    (await checkNewPassword(password, passwordMinLength, email));
  return refusal ?? { ok: true, email };
}
