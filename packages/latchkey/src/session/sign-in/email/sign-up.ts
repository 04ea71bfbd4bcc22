import { type Refusal, refuse } from "../../../errors.ts";
import { randomToken } from "../../../lib/crypto/random.ts";
import type { CallContext, NewUser, SignedIn, SignUpEmail } from "../../../types.ts";
import { checkNewPassword } from "../../../user/password/policy.ts";
import type { ApiContext } from "../../context.ts";
import { enter } from "../entry.ts";
import { openAs } from "../open.ts";

/** Makes an account and signs in to it, in one step of the store. */
export async function signUpEmail(
  context: ApiContext,
  input: SignUpEmail,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const { settings, guard, hasher } = context;
  if (!settings.signUp.enabled) return refuse("sign_up_disabled");
  const entry = await enter(context, input, call);
  if (!entry.ok) return entry;
  const name = input.name ?? null;
  const refusal = await checkNewPassword(input.password, settings.passwordMinLength, entry.email);
  if (refusal !== undefined) return refusal;
  const limited = await guard.signUp(call.remoteAddress);
  if (limited !== undefined) return limited;
  if (!(await settings.signUp.allow({ email: entry.email, name }))) return refuse("sign_up_disabled");
  const passwordHash = await hasher.hash(input.password);
  const create: NewUser = { id: randomToken(16), email: entry.email, name, roles: [], passwordHash };
  return openAs(context, entry, call, { create });
}
