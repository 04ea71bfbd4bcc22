import { type Refusal, refuse } from "../errors.ts";
import { isBanned } from "../lib/standing.ts";
import type { ApiContext } from "../session/context.ts";
import { clientOf, signedIn } from "../session/sign-in/answer.ts";
import type { AuthApi, Authenticated, SignedIn, UserRecord } from "../types.ts";
import { checkNewPassword } from "./password/policy.ts";

/** Changing one's password: every other session ends, this one gets a new credential. */
export function changePasswordApi(context: ApiContext): Pick<AuthApi, "changePassword"> {
  return {
    async changePassword({ current, currentPassword, newPassword }) {
      const { store, hasher, settings } = context;
      const loaded = await current.load();
      if (!loaded.ok) return loaded;
      const user = await store.findUser({ id: current.user.id });
      if (user === undefined) return refuse("user_not_found");
      if (isBanned(user, context.clock())) return refuse("account_unavailable");
      const refusal = await checkNewPassword(newPassword, settings.passwordMinLength, user.email);
      if (refusal !== undefined) return refusal;
      const right = user.passwordHash !== null && (await hasher.verify(user.passwordHash, currentPassword));
      return right ? renew(context, current, user, await hasher.hash(newPassword)) : refuse("wrong_password");
    },
  };
}

async function renew(
  context: ApiContext,
  current: Authenticated,
  user: UserRecord,
  passwordHash: string,
): Promise<SignedIn | Refusal> {
  const client = clientOf(context, current.client);
  const strategy = context.strategies[current.strategy];
  const issued = await strategy.renew(await context.keyring(), client, current.session, async (keep) => {
    // Conditional on the epoch read with the old hash: two changes at once, or one racing a ban, cannot both win.
    const changed = await context.store.changePassword({
      userId: user.id,
      epoch: user.epoch,
      passwordHash,
      keep,
    });
    return changed.ok ? changed : refuse(changed.code);
  });
  return issued.ok ? signedIn(context, client, issued, wasRemembered(context, current)) : issued;
}

/** A cookie that goes with the browser keeps doing so. */
function wasRemembered({ settings, strategies }: ApiContext, current: Authenticated): boolean {
  const { createdAt, expiresAt } = current.session;
  const life = (expiresAt - createdAt) / 1000;
  return !strategies[current.strategy].keepsSession || life > settings.session.expiresInNotRemembered;
}
