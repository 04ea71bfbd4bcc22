import type { Refusal } from "../errors.ts";
import type { ApiContext } from "../session/context.ts";
import { auditEntry } from "../session/events/entry.ts";
import { publicUser } from "../session/view.ts";
import type { AuditEntry, AuthApi, CallContext, PublicUser } from "../types.ts";
import { checkNewUser } from "./new-user.ts";

/** Makes a user without signing anyone in. */
export async function createUser(
  { settings, accounts, clock }: ApiContext,
  input: Parameters<AuthApi["createUser"]>[0],
  call: CallContext,
): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal> {
  const lacking = accounts.lacks("createUser");
  if (lacking !== undefined) return lacking;
  const checked = await checkNewUser(input, settings);
  if (!checked.ok) return checked;
  const { name = null, roles = [], password, firstOf: unlessRole } = input;
  const audit = (userId: string): AuditEntry =>
    auditEntry("user_created", call, { userId, detail: { roles } });
  const account = { email: checked.email, name, roles, password };
  const created = await accounts.create(account, { unlessRole, audit });
  return created.ok ? { ok: true, user: publicUser(created.user, clock()) } : created;
}
