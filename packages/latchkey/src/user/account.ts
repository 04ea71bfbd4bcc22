import { type Refusal, refuse } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { ApiContext } from "../session/context.ts";
import { publicUser } from "../session/view.ts";
import type { AuthApi, PublicUser, UserRecord } from "../types.ts";
import { canonicalEmail } from "./email.ts";
import { checkNewPassword } from "./password/policy.ts";
import { checkName, checkRoles } from "./text.ts";

type AccountApi = Pick<
  AuthApi,
  "getUser" | "createUser" | "hasRole" | "updateUser" | "deleteUser" | "banUser" | "unbanUser" | "setRole"
>;

/** Longest ban that ends by itself, in seconds: a thousand years. */
const maxBan = 1000 * 365 * 86_400;
const badExpiry = refuse("invalid_input", { detail: "expiresIn: a positive number of seconds." });

/** Making, changing and removing users. */
export function accountApi(context: ApiContext): AccountApi {
  const { store, clock } = context;
  return {
    async getUser(input) {
      const user = await findUser(context, input);
      return user === undefined ? undefined : publicUser(user, clock());
    },
    createUser: (input) => createUser(context, input),
    hasRole: ({ role }) => store.hasRole(role),
    updateUser: async ({ userId, name }) =>
      checkName(name) ?? shown(clock(), await store.updateUser(userId, { name })),
    deleteUser: (input) => deleteUser(context, input),
    async banUser({ userId, reason = null, expiresIn }) {
      if (expiresIn !== undefined && !(expiresIn > 0 && expiresIn < maxBan)) return badExpiry;
      const until = expiresIn === undefined ? null : clock() + expiresIn * 1000;
      const banned = await store.banUser(userId, { until, reason });
      return banned.ok ? { ok: true, revoked: banned.ended } : refuse(banned.code);
    },
    unbanUser: async ({ userId }) => shown(clock(), await store.unbanUser(userId)),
    setRole: async ({ userId, roles }) =>
      checkRoles(roles) ?? shown(clock(), await store.setRoles(userId, roles)),
  };
}

function shown(
  now: number,
  result:
    | { readonly ok: true; readonly user: UserRecord }
    | { readonly ok: false; readonly code: Refusal["code"] },
): { readonly ok: true; readonly user: PublicUser } | Refusal {
  return result.ok ? { ok: true, user: publicUser(result.user, now) } : refuse(result.code);
}

async function findUser(
  { store }: ApiContext,
  by: { readonly userId: string } | { readonly email: string },
): Promise<UserRecord | undefined> {
  if ("userId" in by) return store.findUser({ id: by.userId });
  const email = canonicalEmail(by.email);
  return email === undefined ? undefined : store.findUser({ email });
}

async function createUser(
  { store, settings, hasher, clock }: ApiContext,
  input: Parameters<AuthApi["createUser"]>[0],
): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal> {
  const email = canonicalEmail(input.email);
  if (email === undefined) return refuse("invalid_input", { detail: "email: not an e-mail address." });
  const { name = null, roles = [], firstOf } = input;
  const refusal =
    checkName(name) ??
    checkRoles(roles) ??
    (await checkNewPassword(input.password, settings.passwordMinLength, email));
  if (refusal !== undefined) return refusal;
  const passwordHash = await hasher.hash(input.password);
  const user = { id: randomToken(16), email, name, roles, passwordHash };
  return shown(clock(), await store.createUser(user, firstOf === undefined ? {} : { unlessRole: firstOf }));
}

async function deleteUser(
  { store, hasher }: ApiContext,
  { userId, password }: Parameters<AuthApi["deleteUser"]>[0],
): Promise<{ readonly ok: true; readonly revoked: number } | Refusal> {
  const user = await store.findUser({ id: userId });
  if (user === undefined) return refuse("user_not_found");
  const right = user.passwordHash !== null && (await hasher.verify(user.passwordHash, password));
  if (!right) return refuse("wrong_password");
  const deleted = await store.deleteUser(userId);
  return deleted.ok ? { ok: true, revoked: deleted.ended } : refuse(deleted.code);
}
