import { type Refusal, refuse } from "../errors.ts";
import { isBanned } from "../lib/standing.ts";
import type { ApiContext } from "../session/context.ts";
import { auditEntry } from "../session/events/entry.ts";
import { clientOf, signedIn, wasRemembered } from "../session/sign-in/answer.ts";
import type { AuthApi, Authenticated, CallContext, SignedIn, UserRecord } from "../types.ts";
import { checkNewPassword } from "./password/policy.ts";

/** Changing one's password: every other session ends, this one gets a new credential. */
export function changePasswordApi(context: ApiContext): Pick<AuthApi, "changePassword"> {
  return {
    async changePassword({ current, currentPassword, newPassword }, call = {}) {
      const { store, hasher, settings } = context;
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
        const right = user.passwordHash !== null && (await hasher.verify(user.passwordHash, currentPassword));
        if (!right) return refuse("wrong_password");
        return renew(context, current, user, await hasher.hash(newPassword), call);
      });
    },
  };
}

async function renew(
  context: ApiContext,
  current: Authenticated,
  user: UserRecord,
  passwordHash: string,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const client = clientOf(context, current.client);
  const about = { userId: user.id, sessionId: current.session.id, client: client.name };
  const audit = auditEntry("password_changed", { ...call, actor: user.id }, about);
  const strategy = context.strategies[current.strategy];
  const issued = await strategy.renew(client, current.session, async (keep) => {
    // Conditional on the epoch read with the old hash: two changes at once, or one racing a ban, cannot both win.
    const change = { userId: user.id, epoch: user.epoch, passwordHash, keep, audit };
    const changed = await context.store.changePassword(change);
    return changed.ok ? changed : refuse(changed.code);
  });
  if (!issued.ok) return issued;
  context.events.emit(audit);
  return signedIn(context, client, issued, { remembered: wasRemembered(context, client, current.session) });
}
