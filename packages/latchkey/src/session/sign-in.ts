import { type Refusal, refuse } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { AuthApi, NewUser, OpenSession, SignedIn, SignInEmail } from "../types.ts";
import { type CheckPassword, makeCheckPassword } from "../user/password/check.ts";
import { checkNewPassword } from "../user/password/policy.ts";
import type { ApiContext } from "./context.ts";
import { signedIn } from "./sign-in/answer.ts";
import { type Entry, enter } from "./sign-in/entry.ts";

type SignInApi = Pick<AuthApi, "signInEmail" | "signUpEmail">;

/** Sign-in and sign-up by e-mail and password. */
export function signInApi(context: ApiContext): SignInApi {
  const checkPassword = makeCheckPassword(context);
  const signInEmail: SignInApi["signInEmail"] = async (input, call = {}) => {
    const entry = await enter(context, input, call);
    if (!entry.ok) return entry;
    const signedIn = await signInOnce(context, checkPassword, entry, input);
    // The password or the standing changed between reading and writing: judge again, by what is true now.
    return isConflict(signedIn) ? signInOnce(context, checkPassword, entry, input) : signedIn;
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
    return openAs(context, entry, input, { create });
  };
  return { signInEmail, signUpEmail };
}

async function signInOnce(
  context: ApiContext,
  checkPassword: CheckPassword,
  entry: Entry,
  input: SignInEmail,
): Promise<SignedIn | Refusal> {
  const user = await checkPassword(await context.store.findUser({ email: entry.email }), input.password);
  if (user === undefined) return refuse("invalid_credentials");
  return openAs(context, entry, input, { id: user.id, epoch: user.epoch });
}

async function openAs(
  context: ApiContext,
  entry: Entry,
  input: SignInEmail,
  user: OpenSession["user"],
): Promise<SignedIn | Refusal> {
  const { client, ip, userAgent, replaces } = entry;
  const limits = context.settings.session;
  const remembered = input.rememberMe !== false;
  const expiresIn = remembered ? limits.expiresIn : Math.min(limits.expiresIn, limits.expiresInNotRemembered);
  const issued = await context.strategies[client.strategy].issue(
    await context.keyring(),
    client,
    { amr: ["pwd"], ip, userAgent, expiresIn },
    (session) => context.store.openSession({ user, session, replaces }),
  );
  context.sweep();
  if (issued.ok) return signedIn(context, client, issued, remembered);
  return issued.code === "user_not_found" ? refuse("invalid_credentials") : refuse(issued.code);
}

function isConflict(result: SignedIn | Refusal): boolean {
  return !result.ok && result.code === "conflict";
}
