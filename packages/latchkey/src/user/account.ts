import { type Refusal, refuse } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { ApiContext } from "../session/context.ts";
import { publicUser } from "../session/view.ts";
import type { AuthApi, PublicUser, UserRecord } from "../types.ts";
import { canonicalEmail } from "./email.ts";
import { checkNewPassword } from "./password-policy.ts";

type AccountApi = Pick<
  AuthApi,
  "getUser" | "createUser" | "hasRole" | "updateUser" | "deleteUser" | "banUser" | "unbanUser" | "setRole"
>;

/** Making, changing and removing users. */
export function accountApi(context: ApiContext): AccountApi {
  const { store, clock } = context;
  return {
    async getUser(input) {
      const user = await findUser(context, input);
      return user === undefined ? undefined : publicUser(user);
    },
    createUser: (input) => createUser(context, input),
    hasRole: ({ role }) => store.hasRole(role),
    updateUser: async ({ userId, name }) => shown(await store.updateUser(userId, { name })),
    deleteUser: (input) => deleteUser(context, input),
    async banUser({ userId, reason = null, expiresIn }) {
      const until = expiresIn === undefined ? null : clock() + expiresIn * 1000;
      const banned = await store.banUser(userId, { until, reason });
      return banned.ok ? { ok: true, revoked: banned.ended } : refuse(banned.code);
    },
    unbanUser: async ({ userId }) => shown(await store.unbanUser(userId)),
    setRole: async ({ userId, roles }) => shown(await store.setRoles(userId, roles)),
  };
}

function shown(
  result:
    | { readonly ok: true; readonly user: UserRecord }
    | { readonly ok: false; readonly code: Refusal["code"] },
): { readonly ok: true; readonly user: PublicUser } | Refusal {
  return result.ok ? { ok: true, user: publicUser(result.user) } : refuse(result.code);
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
  { store, settings, hasher }: ApiContext,
  input: Parameters<AuthApi["createUser"]>[0],
): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal> {
  const email = canonicalEmail(input.email);
  if (email === undefined) return refuse("invalid_input", { detail: "email: not an e-mail address." });
  const refusal = await checkNewPassword(input.password, settings.passwordMinLength, email);
  if (refusal !== undefined) return refusal;
  const passwordHash = await hasher.hash(input.password);
  const { name = null, roles = [], firstOf } = input;
  const user = { id: randomToken(16), email, name, roles, passwordHash };
  return shown(await store.createUser(user, firstOf === undefined ? {} : { unlessRole: firstOf }));
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
