import { type Refusal, refuse } from "../errors.ts";
import type { ApiContext } from "../session/context.ts";
import { auditEntry } from "../session/events/entry.ts";
import { publicUser } from "../session/view.ts";
import type { AuthApi, CallContext, UserRecord } from "../types.ts";
import { createUser } from "./create-user.ts";
import { canonicalEmail } from "./email.ts";
import { checkName } from "./text.ts";

type AccountApi = Pick<
  AuthApi,
  "getUser" | "createUser" | "hasRole" | "updateUser" | "deleteUser" | "userChanged"
>;

/** Making users, and what they change of themselves. */
export function accountApi(context: ApiContext): AccountApi {
  const { store, accounts, clock } = context;
  return {
    async getUser(input) {
      const user = await findUser(context, input);
      return user === undefined ? undefined : publicUser(user, clock());
    },
    createUser: (input, call = {}) => createUser(context, input, call),
    hasRole: ({ role }) => store.hasRole(role),
    async updateUser({ userId, name }, call = {}) {
      const refusal = accounts.lacks("setName") ?? checkName(name);
      if (refusal !== undefined) return refusal;
      const audit = auditEntry("user_updated", call, { userId });
      const updated = await accounts.setName(userId, name, audit);
      return updated.ok ? { ok: true, user: publicUser(updated.user, clock()) } : updated;
    },
    deleteUser: (input, call = {}) => deleteUser(context, input, call),
    userChanged: ({ userId }, call = {}) => accounts.changed(userId, call),
  };
}

async function findUser(
  { store }: ApiContext,
  by: { readonly userId: string } | { readonly email: string },
): Promise<UserRecord | undefined> {
  if ("userId" in by) return store.findUser({ id: by.userId });
  const email = canonicalEmail(by.email);
  return email === undefined ? undefined : store.findUser({ email });
}

async function deleteUser(
  context: ApiContext,
  { userId, password }: Parameters<AuthApi["deleteUser"]>[0],
  call: CallContext,
): Promise<{ readonly ok: true; readonly revoked: number } | Refusal> {
  const lacking = context.accounts.lacks("deleteUser");
  if (lacking !== undefined) return lacking;
  const user = await context.store.findUser({ id: userId });
  if (user === undefined) return refuse("user_not_found");
  const attempt = await context.guard.password(userId);
  if (!attempt.ok) return attempt;
  return attempt.judge(() => deleteOnce(context, user, password, call));
}

async function deleteOnce(
  { accounts }: ApiContext,
  user: UserRecord,
  password: string,
  call: CallContext,
): Promise<{ readonly ok: true; readonly revoked: number } | Refusal> {
  if (!(await accounts.isPassword(user, password))) return refuse("wrong_password");
  const userId = user.id;
  const audit = auditEntry("user_deleted", { ...call, actor: userId }, { userId });
  const deleted = await accounts.remove(userId, { epoch: user.epoch, audit });
  return deleted.ok ? { ok: true, revoked: deleted.ended } : deleted;
}
