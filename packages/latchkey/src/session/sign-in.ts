import { type Refusal, refuse } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { AuthApi, CallContext, NewUser, SignedIn, SignInEmail } from "../types.ts";
import { type CheckPassword, makeCheckPassword } from "../user/password/check.ts";
import { checkNewPassword } from "../user/password/policy.ts";
import type { ApiContext } from "./context.ts";
import { type Entry, enter } from "./sign-in/entry.ts";
import { openAs } from "./sign-in/open.ts";

type SignInApi = Pick<AuthApi, "signInEmail" | "signUpEmail">;

/** Sign-in and sign-up by e-mail and password. */
export function signInApi(context: ApiContext): SignInApi {
  const checkPassword = makeCheckPassword(context);
  const signInEmail: SignInApi["signInEmail"] = async (input, call = {}) => {
    const entry = await enter(context, input, call);
    if (!entry.ok) return entry;
    const signedIn = await signInOnce(context, checkPassword, entry, input, call);
    // The password or the standing changed between reading and writing: judge again, by what is true now.
    return isConflict(signedIn) ? signInOnce(context, checkPassword, entry, input, call) : signedIn;
  };
  const signUpEmail: SignInApi["signUpEmail"] = async (input, call = {}) => {
    if (!context.settings.signUp.enabled) return refuse("sign_up_disabled");
    const entry = await enter(context, input, call);
    if (!entry.ok) return entry;
    const name = input.name ?? null;
    const refusal = await checkNewPassword(input.password, context.settings.passwordMinLength, entry.email);
    if (refusal !== undefined) return refusal;
    if (!(await context.settings.signUp.allow({ email: entry.email, name })))
      return refuse("sign_up_disabled");
    const passwordHash = await context.hasher.hash(input.password);
    const create: NewUser = { id: randomToken(16), email: entry.email, name, roles: [], passwordHash };
    return openAs(context, entry, call, { create });
  };
  return { signInEmail, signUpEmail };
}

async function signInOnce(
  context: ApiContext,
  checkPassword: CheckPassword,
  entry: Entry,
  input: SignInEmail,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const user = await checkPassword(await context.store.findUser({ email: entry.email }), input.password);
  if (user === undefined) return refuse("invalid_credentials");
  return openAs(context, entry, call, { id: user.id, epoch: user.epoch });
}

function isConflict(result: SignedIn | Refusal): boolean {
  return !result.ok && result.code === "conflict";
}
