import { type Refusal, refuse } from "../../../errors.ts";
import type { CallContext, SignedIn, SignUpEmail } from "../../../types.ts";
import { checkNewPassword } from "../../../user/password/policy.ts";
import type { ApiContext } from "../../context.ts";
import { enter } from "../entry.ts";
import { openAs } from "../open.ts";

/** Makes an account and signs in to it: in one step of the store where the account is kept there too. */
export async function signUpEmail(
  context: ApiContext,
  input: SignUpEmail,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const { settings, guard, accounts } = context;
  if (!settings.signUp.enabled) return refuse("sign_up_disabled");
  const lacking = accounts.lacks("createUser");
  if (lacking !== undefined) return lacking;
  const entry = await enter(context, input, call);
  if (!entry.ok) return entry;
  const name = input.name ?? null;
  const refusal = await checkNewPassword(input.password, settings.passwordMinLength, entry.email);
  if (refusal !== undefined) return refusal;
  const limited = await guard.signUp(call.remoteAddress);
  if (limited !== undefined) return limited;
  if (!(await settings.signUp.allow({ email: entry.email, name }))) return refuse("sign_up_disabled");
  const user = await accounts.signUp({ email: entry.email, name, roles: [], password: input.password });
  return "ok" in user ? user : openAs(context, entry, call, { type: "signed_up", user });
}
