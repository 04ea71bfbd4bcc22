import type { Store } from "../../../types.ts";
import type { SqlDriver } from "../driver.ts";
import { recordExchange } from "../steps/exchange.ts";
import * as ending from "../steps/sessions/ending.ts";
import { compileReadSession, readSession } from "../steps/sessions/read-session.ts";
import { refreshSession } from "../steps/sessions/refresh.ts";
import * as sessions from "../steps/sessions/sessions.ts";
import { openSession } from "../steps/sessions/sign-in.ts";

type Methods =
  | "openSession"
  | "refreshSession"
  | "readSession"
  | "listSessions"
  | "touchSession"
  | "updateSession"
  | "recordExchange"
  | "endSession"
  | "endSessions"
  | "endOtherSessions"
  | "purgeSessions";

/** The port's methods of sessions. */
export function sessionMethods({ db, ask, read, check, write }: SqlDriver): Pick<Store, Methods> {
  const readSessionText = compileReadSession(db, ask);
  return {
    openSession: (input) => write((scope) => openSession(scope, input)),
    refreshSession: async (input) => {
      const answer = await write((scope) => refreshSession(scope, input));
      return "keep" in answer ? answer.keep : answer;
    },
    readSession: (id, userId) => check((scope) => readSession(scope, readSessionText, id, userId)),
    listSessions: (userId, limit) => read((scope) => sessions.listSessions(scope, userId, limit)),
    touchSession: (id, minAge) => write((scope) => sessions.touchSession(scope, id, minAge)),
    updateSession: async (id, version, data) => {
      const text = JSON.stringify(data);
      return write((scope) => sessions.updateSession(scope, id, version, text));
    },
    recordExchange: (exchange) => write((scope) => recordExchange(scope, exchange)),
    endSession: (id, reason, options = {}) => write((scope) => ending.endSession(scope, id, reason, options)),
    endSessions: (userId, reason, options = {}) =>
      write((scope) => ending.endSessions(scope, userId, reason, options)),
    endOtherSessions: (userId, keep, reason, options = {}) =>
      write((scope) => ending.endOtherSessions(scope, userId, keep, { ...options, reason })),
    purgeSessions: (age, limit) => write((scope) => ending.purgeSessions(scope, age, limit)),
  };
}
