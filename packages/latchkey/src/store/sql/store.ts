import type { Store } from "../../types.ts";
import type { Scope, Script } from "./script.ts";
import { addFirstKey, listKeys, resealKey } from "./steps/keys.ts";
import { compileReadSession, readSession } from "./steps/read-session.ts";
import * as sessions from "./steps/sessions.ts";
import { changePassword, openSession } from "./steps/sign-in.ts";
import { banUser, deleteUser, unbanUser } from "./steps/standing.ts";
import * as users from "./steps/users.ts";

/** What a database is to this room: something that runs steps, each whole or not at all. */
export interface SqlDriver {
  readonly db: Scope["db"];
  /** Runs a step of one statement that writes nothing. */
  read<Result>(step: (scope: Scope) => Script<Result>): Promise<Result>;
  /** Runs a step in one transaction that excludes others from what it reads. A refusal rolls back. */
  write<Result>(step: (scope: Scope) => Script<Result>): Promise<Result>;
}

/** The store over an SQL database: each method is one step. */
export function sqlStore({ db, read, write }: SqlDriver): Omit<Store, "start" | "close"> {
  const readSessionText = compileReadSession(db);
  return {
    listKeys: () => read(listKeys),
    addFirstKey: (key) => write((scope) => addFirstKey(scope, key)),
    resealKey: (id, from, to) => write((scope) => resealKey(scope, id, from, to)),

    createUser: (user, options) => write((scope) => users.createUser(scope, user, options?.unlessRole)),
    findUser: (by) => read((scope) => users.findUser(scope, by)),
    hasRole: (role) => read((scope) => users.hasRole(scope, role)),
    updateUser: (id, { name }) =>
      write((scope) => users.changeUser(scope, id, { name }, { version: 0, epoch: 0 })),
    setRoles: (id, roles) => write((scope) => users.setRoles(scope, id, roles)),
    banUser: (id, ban) => write((scope) => banUser(scope, id, ban)),
    unbanUser: (id) => write((scope) => unbanUser(scope, id)),
    deleteUser: (id) => write((scope) => deleteUser(scope, id)),
    changePassword: (change) => write((scope) => changePassword(scope, change)),

    openSession: (input) => write((scope) => openSession(scope, input)),
    readSession: (id, userId) => read((scope) => readSession(scope, readSessionText, id, userId)),
    listSessions: (userId) => read((scope) => sessions.listSessions(scope, userId)),
    touchSession: (id, minAge) => write((scope) => sessions.touchSession(scope, id, minAge)),
    updateSession: async (id, version, data) => {
      const text = JSON.stringify(data);
      return write((scope) => sessions.updateSession(scope, id, version, text));
    },
    endSession: (id, reason, userId) => write((scope) => sessions.endSession(scope, id, reason, userId)),
    endSessions: (userId, reason, except) =>
      write((scope) => sessions.endSessions(scope, userId, reason, except)),
    endEverything: () => write(sessions.endEverything),
    purgeSessions: (age, limit) => write((scope) => sessions.purgeSessions(scope, age, limit)),
  };
}
