import { now } from "../time.ts";
import { type Keeper, type Life, lifeFrom, quietly, randomKey } from "./keeper.ts";

/** For clients whose credential lies in cookies that no script sees. */
export function cookieKeeper(name: string): Keeper {
  let life: Life | undefined;
  let changedAt = -1;
  let key: string | undefined;
  return {
    load: async () => true,
    headers: () => ({}),
    canRenew: () => true,
    refreshBody: () => ({}),
    // It outlives the page: whoever reloads it after an answer was lost asks for the same one.
    renewalKey: async () => {
      key ??= (await quietly(() => localStorage.getItem(name))) ?? randomKey();
      void quietly(() => localStorage.setItem(name, key ?? ""));
      return key;
    },
    life: () => life,
    changedAt: () => changedAt,
    keep: async ({ expiresIn }, sentAt, renewed) => {
      if (renewed) {
        changedAt = now();
        key = undefined;
        void quietly(() => localStorage.removeItem(name));
      }
      life = expiresIn === undefined ? undefined : lifeFrom(sentAt, expiresIn * 1000);
    },
    drop: async (since) => {
      if (changedAt > since) return false;
      life = undefined;
      return true;
    },
    deviceToken: async () => undefined,
  };
}
