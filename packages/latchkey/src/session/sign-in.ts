import { LatchkeyError, type Refusal, refuse } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { Issued } from "../strategy/strategy.ts";
import type {
  AuthApi,
  CallContext,
  Client,
  NewUser,
  OpenSession,
  PasswordHasher,
  SessionId,
  SignedIn,
  SignInEmail,
  UserRecord,
} from "../types.ts";
import { canonicalEmail } from "../user/email.ts";
import { checkNewPassword } from "../user/password-policy.ts";
import { writeCredentials } from "../write/credentials.ts";
import type { ApiContext } from "./context.ts";
import { publicUser } from "./view.ts";

type SignInApi = Pick<AuthApi, "signInEmail" | "signUpEmail">;

const badEmail = refuse("invalid_input", { detail: "email: not an e-mail address." });

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

/** Who comes in, by which door, and what they hold already. */
interface Entry {
  readonly ok: true;
  readonly email: string;
  readonly client: Client;
  readonly replaces: SessionId | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

async function enter(context: ApiContext, input: SignInEmail, call: CallContext): Promise<Entry | Refusal> {
  const client = pickClient(context.settings.clients, input.client);
  if (client === undefined) {
    const known = [...context.settings.clients.keys()].join(", ");
    return refuse("invalid_input", { detail: `client: name one of ${known}.` });
  }
  const email = canonicalEmail(input.email);
  if (email === undefined) return badEmail;
  const carried = call.request === undefined ? undefined : await context.authenticate(call.request);
  const replaces = carried?.ok && carried.client === client.name ? carried.session.id : null;
  const userAgent = call.request?.headers.get("user-agent")?.slice(0, 512) ?? null;
  return { ok: true, email, client, replaces, ip: call.remoteAddress ?? null, userAgent };
}

function pickClient(clients: ReadonlyMap<string, Client>, name: string | undefined): Client | undefined {
  if (name !== undefined) return clients.get(name);
  const [only, second] = clients.values();
  return second === undefined ? only : clients.get("web");
}

type CheckPassword = (user: UserRecord | undefined, password: string) => Promise<UserRecord | undefined>;

/** Checks a password in the same time whether there is such a user or not. */
function makeCheckPassword({ hasher }: { readonly hasher: PasswordHasher }): CheckPassword {
  let decoy: Promise<string> | undefined;
  return async (user, password) => {
    decoy ??= hasher.hash(randomToken(32)).catch((error: unknown) => {
      decoy = undefined;
      throw error;
    });
    const decoyHash = await decoy;
    const hash = user?.passwordHash ?? decoyHash;
    const right = await hasher.verify(hash, password);
    return right && user?.passwordHash === hash ? user : undefined;
  };
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
  if (issued.ok) return signedIn(context, client, issued, remembered);
  return issued.code === "user_not_found" ? refuse("invalid_credentials") : refuse(issued.code);
}

/** The answer to whoever just got a credential. */
export function signedIn(context: ApiContext, client: Client, issued: Issued, remembered: boolean): SignedIn {
  const { kind, value } = issued.token;
  const { expiresIn } = issued;
  const credentials = writeCredentials(client, context.settings.secure, {
    kind,
    value,
    expiresIn,
    remembered,
  });
  return { ok: true, user: publicUser(issued.opened.user), session: issued.session, credentials };
}

function isConflict(result: SignedIn | Refusal): boolean {
  return !result.ok && result.code === "conflict";
}

/** The client of an accepted credential. */
export function clientOf(context: ApiContext, name: string): Client {
  const client = context.settings.clients.get(name);
  if (client === undefined) throw new LatchkeyError("misuse", `there is no client "${name}"`);
  return client;
}
