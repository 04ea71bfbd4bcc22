import { type Refusal, refuse } from "../errors.ts";
import { isBanned } from "../lib/standing.ts";
import type { ApiContext } from "../session/context.ts";
import { auditEntry } from "../session/events/entry.ts";
import { clientOf, signedIn, wasRemembered } from "../session/sign-in/answer.ts";
import type { AuthApi, Authenticated, CallContext, SignedIn } from "../types.ts";
import type { PasswordChange } from "./accounts/accounts.ts";
import { checkNewPassword } from "./password/policy.ts";

/** Changing one's password: every other session ends, this one gets a new credential. */
export function changePasswordApi(context: ApiContext): Pick<AuthApi, "changePassword"> {
  return {
    async changePassword({ current, currentPassword, newPassword }, call = {}) {
      const { store, accounts, settings } = context;
      const lacking = accounts.lacks("changePassword");
      if (lacking !== undefined) return lacking;
      const loaded = await current.load();
      if (!loaded.ok) return loaded;
      const user = await store.findUser({ id: current.user.id });
      if (user === undefined) return refuse("user_not_found");
      if (isBanned(user, context.clock())) return refuse("account_unavailable");
      const refusal = await checkNewPassword(newPassword, settings.passwordMinLength, user.email);
      if (refusal !== undefined) return refusal;
      const attempt = await context.guard.password(user.id);
      if (!attempt.ok) return attempt;
      return attempt.judge(async () => {
        const change = await accounts.changePassword(user, currentPassword, newPassword);
        return change.ok ? renew(context, current, change, call) : change;
      });
    },
  };
}

async function renew(
  context: ApiContext,
  current: Authenticated,
  { write }: PasswordChange,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const client = clientOf(context, current.client);
  const userId = current.user.id;
  const about = { userId, sessionId: current.session.id, client: client.name };
  const audit = auditEntry("password_changed", { ...call, actor: userId }, about);
  const strategy = context.strategies[current.strategy];
  const issued = await strategy.renew(client, current.session, (keep) => write(keep, audit));
  if (!issued.ok) return issued;
  context.events.emit(audit);
  return signedIn(context, client, issued, { remembered: wasRemembered(context, client, current.session) });
}
