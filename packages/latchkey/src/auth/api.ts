import { makeGuard } from "../protection/guard.ts";
import { openGuard } from "../protection/off.ts";
import { withClientAddress } from "../read/client-address.ts";
import type { ApiContext } from "../session/context.ts";
import { currentApi } from "../session/current.ts";
import { dataApi } from "../session/data.ts";
import { devicesApi } from "../session/devices.ts";
import { exchangeApi } from "../session/exchange/api.ts";
import { keysApi } from "../session/keys.ts";
import { refreshApi } from "../session/sign-in/refresh.ts";
import { makeSweep } from "../session/sign-in/sweep.ts";
import { signInApi } from "../session/sign-in.ts";
import type { AuthApi } from "../types.ts";
import { accountApi } from "../user/account.ts";
import { administrationApi } from "../user/administration.ts";
import { changePasswordApi } from "../user/change-password.ts";
import { wantsReceipt, withReceipt } from "./confirm.ts";
import type { Core } from "./core.ts";

/** The pipeline, as the verbs use it. */
export type Pipeline = Pick<ApiContext, "authenticate" | "presented" | "judge">;

/** What the verbs work with. */
export function makeApiContext(core: Core, pipeline: Pipeline): ApiContext {
  return {
    ...core,
    ...pipeline,
    guard: core.settings.rateLimit === null ? openGuard : makeGuard(core.settings.rateLimit, core.background),
    keyring: core.keys.load,
    reloadKeys: core.keys.reload,
    sweep: makeSweep(core),
  };
}

/** The verbs of `auth.api`. */
export function makeApi(context: ApiContext): AuthApi {
  return {
    ...signInApi(context),
    ...currentApi(context),
    ...dataApi(context),
    ...exchangeApi(context),
    ...devicesApi(context),
    ...accountApi(context),
    ...changePasswordApi(context),
    ...administrationApi(context),
    ...refreshApi(context),
    ...keysApi(context),
  };
}

/**
 * Each verb first sees to it that the store is connected (an application need not call `start()`), and takes whoever
 * stands behind a trusted proxy for the caller. What is revoked is answered with a receipt where the call asks for one.
 */
export function atTheDoor<Api extends Record<keyof Api, (...args: never[]) => Promise<unknown>>>(
  api: Api,
  core: Core,
): Api {
  const { keys, settings } = core;
  const guarded = { ...api };
  for (const name of Object.keys(api) as (keyof Api)[]) {
    const verb = api[name];
    guarded[name] = (async (...args: never[]) => {
      await keys.load();
      const result = await verb(
        ...(args.map((arg) => withClientAddress(arg, settings.trustedProxies)) as never[]),
      );
      return args.some((arg) => wantsReceipt(name, arg)) ? withReceipt(core, result) : result;
    }) as Api[typeof name];
  }
  return guarded;
}
