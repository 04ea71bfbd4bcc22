import type { Replica } from "../replica/replica.ts";
import type { Store } from "../types.ts";

/** How long an answer waits for this process to hear of its own change, in milliseconds. */
const patience = 100;

/** The steps that tell verifiers something. */
const telling = [
  "syncUser",
  "setRoles",
  "banUser",
  "unbanUser",
  "deleteUser",
  "changePassword",
  "endSession",
  "endOtherSessions",
  "endSessions",
  "endEverything",
  "rotateKey",
  "restoreChanges",
] as const satisfies readonly (keyof Store)[];

/**
 * The store, whose changes this process knows of before they are answered: whoever was told that somebody is signed out
 * finds it so at once here, and within the bound elsewhere. A change that was made is answered in every case.
 */
export function withCatchUp(store: Store, replica: Pick<Replica, "catchUp">): Store {
  const caughtUp = <Args extends unknown[], Result>(
    step: (...args: Args) => Promise<Result>,
    tells: (result: Result, ...args: Args) => boolean = () => true,
  ): ((...args: Args) => Promise<Result>) => {
    return async (...args) => {
      const result = await step(...args);
      if (tells(result, ...args)) await replica.catchUp(patience);
      return result;
    };
  };
  const steps = Object.fromEntries(telling.map((name) => [name, caughtUp(store[name] as never)]));
  return {
    ...store,
    ...steps,
    openSession: caughtUp(
      store.openSession,
      (opened, { replaces }) => opened.ok && (replaces !== null || opened.evicted.length > 0),
    ),
    refreshSession: caughtUp(
      store.refreshSession,
      (refreshed) => !refreshed.ok && refreshed.code === "refresh_reused",
    ),
  };
}
