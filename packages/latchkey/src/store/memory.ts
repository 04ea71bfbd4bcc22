import { LatchkeyError } from "../errors.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Store } from "../types.ts";
import * as keys from "./memory/keys.ts";
import * as sessions from "./memory/sessions.ts";
import * as signIn from "./memory/sign-in.ts";
import { makeTables, type Tables } from "./memory/tables.ts";
import * as users from "./memory/users.ts";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Default: the system's. For tests. */
  readonly clock?: Clock;
}

/**
 * A store for one process and for tests: everything is gone when the process ends.
 * Each method is one synchronous step, so that no other call sees half of it.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const clock = options.clock ?? systemClock;
  const tables = makeTables();
  let closed = false;

  // `async` turns what a step throws into a rejection; the step itself holds no `await`.
  async function run<T>(step: (tables: Tables, now: number) => T): Promise<T> {
    if (closed) throw new LatchkeyError("cannot_tell", "the memory store is closed");
    return step(tables, clock());
  }

  return {
    start: () => run(() => undefined),
    close: async () => {
      closed = true;
    },

    listKeys: () => run((t) => keys.listKeys(t)),
    addFirstKey: (key) => run((t, now) => keys.addFirstKey(t, key, now)),
    resealKey: (id, from, to) => run((t) => keys.resealKey(t, id, from, to)),

    createUser: (user, options) => run((t, now) => users.createUser(t, user, options?.unlessRole, now)),
    findUser: (by) => run((t) => users.findUser(t, by)),
    hasRole: (role) => run((t) => users.hasRole(t, role)),
    updateUser: (id, { name }) => run((t) => users.changeUser(t, id, () => ({ name }))),
    setRoles: (id, roles) =>
      run((t) => users.changeUser(t, id, (user) => ({ roles: [...roles], version: user.version + 1 }))),
    banUser: (id, ban) => run((t, now) => users.banUser(t, id, ban, now)),
    unbanUser: (id) => run((t) => users.unbanUser(t, id)),
    deleteUser: (id) => run((t, now) => users.deleteUser(t, id, now)),
    changePassword: (change) => run((t, now) => signIn.changePassword(t, change, now)),

    openSession: (input) => run((t, now) => signIn.openSession(t, input, now)),
    readSession: (id, userId) => run((t, now) => sessions.readSession(t, id, userId, now)),
    listSessions: (userId) => run((t, now) => sessions.listSessions(t, userId, now)),
    touchSession: (id, minAge) => run((t, now) => sessions.touchSession(t, id, minAge, now)),
    updateSession: (id, version, data) => run((t, now) => sessions.updateSession(t, id, version, data, now)),
    endSession: (id, reason, userId) => run((t, now) => sessions.endSession(t, id, reason, userId, now)),
    endSessions: (userId, reason, except) =>
      run((t, now) => sessions.endSessions(t, userId, reason, except, now)),
    endEverything: () =>
      run((t) => {
        t.globalEpoch += 1;
      }),
    purgeSessions: (age, limit) => run((t, now) => sessions.purgeSessions(t, age, limit, now)),
  };
}
