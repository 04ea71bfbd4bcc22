import { LatchkeyError } from "../../errors.ts";
import type { Store } from "../../types.ts";
import { withLimit } from "./limit.ts";

/** How long a check waits for its one read, and everything else for its step, in milliseconds. */
const read = 200;
const step = 2000;
/** Connecting and migrating take the time they need. */
const unlimited = Number.POSITIVE_INFINITY;

/** What is asked of the store, and may fail. */
type Asked = Exclude<keyof Store, "listen">;

const limits: { readonly [Method in Asked]: number } = {
  start: unlimited,
  close: unlimited,
  listKeys: step,
  addFirstKey: step,
  resealKey: step,
  rotateKey: step,
  createUser: step,
  findUser: step,
  hasRole: step,
  listUsers: step,
  syncUser: step,
  updateUser: step,
  setRoles: step,
  banUser: step,
  unbanUser: step,
  deleteUser: step,
  changePassword: step,
  openSession: step,
  refreshSession: step,
  recordExchange: step,
  readSession: read,
  listSessions: step,
  touchSession: step,
  updateSession: step,
  endSession: step,
  endSessions: step,
  endOtherSessions: step,
  endEverything: step,
  purgeSessions: step,
  appendAudit: step,
  listAudit: step,
  // Whoever follows the log waits for it on purpose, and gives up by itself (P11).
  readChanges: unlimited,
  readLeases: step,
  dropLease: step,
  declareLongest: step,
  trimChanges: step,
  restoreChanges: step,
};

/**
 * The store as the rest of the library sees it: whatever goes wrong in it, an error of its driver or no answer at
 * all, is one fault, `cannot_tell`. Our own stores give up by themselves sooner and then do nothing later; for
 * another one that hangs, this at least answers whoever waits.
 */
export function guardStore(store: Store): Store {
  const methods = Object.keys(limits) as Asked[];
  return Object.fromEntries(methods.map((name) => [name, guardMethod(store, name)])) as {
    [M in Asked]: never;
  };
}

function guardMethod(store: Store, name: Asked): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    try {
      const work: Promise<unknown> = Reflect.apply(store[name], store, args);
      const limit = limits[name];
      return await (limit === unlimited ? work : withLimit(work, limit, `the store did not answer ${name}`));
    } catch (error) {
      if (error instanceof LatchkeyError) throw error;
      throw new LatchkeyError("cannot_tell", `the store failed in ${name}`, { cause: error });
    }
  };
}
