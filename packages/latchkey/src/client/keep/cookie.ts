import { now } from "../time.ts";
import { type Keeper, type Life, lifeFrom, randomKey } from "./keeper.ts";

/** For clients whose credential lies in cookies that no script sees. */
export function cookieKeeper(name: string): Keeper {
  let life: Life | undefined;
  let changedAt = Number.NEGATIVE_INFINITY;
  let key: string | undefined;
  return {
    load: async () => true,
    headers: () => ({}),
    canRenew: () => true,
    refreshBody: () => ({}),
    // It outlives the page: whoever reloads it after an answer was lost asks for the same one.
    renewalKey: async () => {
      key ??= stored(() => localStorage.getItem(name)) ?? randomKey();
      stored(() => localStorage.setItem(name, key ?? ""));
      return key;
    },
    dueIn: () => life && life.dueAt - now(),
    isOver: () => life !== undefined && life.overAt <= now(),
    changedAt: () => changedAt,
    keep: async ({ expiresIn }, sentAt, renewed) => {
      if (renewed) {
        changedAt = now();
        key = undefined;
        stored(() => localStorage.removeItem(name));
      }
      life = expiresIn === undefined ? undefined : lifeFrom(sentAt, expiresIn * 1000);
    },
    drop: async (since) => {
      if (changedAt > since) return false;
      life = undefined;
      return true;
    },
    deviceToken: async () => ({}),
  };
}

/** There is no storage in some browsers' private windows, nor outside of browsers. */
function stored<Value>(use: () => Value): Value | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
