import { type Refusal, refuse } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { ApiContext } from "../session/context.ts";
import { auditEntry } from "../session/events/entry.ts";
import { publicUser } from "../session/view.ts";
import type { AuthApi, CallContext, PublicUser } from "../types.ts";
import { checkNewUser } from "./new-user.ts";

/** Makes a user without signing anyone in. */
export async function createUser(
  { store, settings, hasher, events, clock }: ApiContext,
  input: Parameters<AuthApi["createUser"]>[0],
  call: CallContext,
): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal> {
  const checked = await checkNewUser(input, settings.passwordMinLength);
  if (!checked.ok) return checked;
  const passwordHash = await hasher.hash(input.password);
  const { name = null, roles = [], firstOf } = input;
  const user = { id: randomToken(16), email: checked.email, name, roles, passwordHash };
  const audit = auditEntry("user_created", call, { userId: user.id, detail: { roles } });
  const created = await store.createUser(user, { audit, unlessRole: firstOf });
  if (!created.ok) return refuse(created.code);
  events.emit(audit);
  return { ok: true, user: publicUser(created.user, clock()) };
}
