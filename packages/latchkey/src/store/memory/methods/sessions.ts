import type { Store } from "../../../types.ts";
import { refreshSession } from "../refresh.ts";
import * as sessions from "../sessions.ts";
import { openSession } from "../sign-in.ts";
import type { Run } from "../tables.ts";

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
  | "endEverything"
  | "purgeSessions";

/** The port's methods of sessions. */
export function sessionMethods(run: Run): Pick<Store, Methods> {
  return {
    openSession: (input) => run((t, now) => openSession(t, input, now)),
    refreshSession: (input) => run((t, now) => refreshSession(t, input, now)),
    readSession: (id, userId) => run((t, now) => sessions.readSession(t, id, userId, now)),
    listSessions: (userId, limit) => run((t, now) => sessions.listSessions(t, userId, limit, now)),
    touchSession: (id, minAge) => run((t, now) => sessions.touchSession(t, id, minAge, now)),
    updateSession: (id, version, data) => run((t, now) => sessions.updateSession(t, id, version, data, now)),
    recordExchange: (exchange) => run((t, now) => sessions.recordExchange(t, exchange, now)),
    endSession: (id, reason, options = {}) =>
      run((t, now) => sessions.endSession(t, id, reason, options, now)),
    endSessions: (userId, reason, options = {}) =>
      run((t, now) => sessions.endSessions(t, userId, reason, options, now)),
    endOtherSessions: (userId, keep, reason, options = {}) =>
      run((t, now) => sessions.endOtherSessions(t, userId, keep, { ...options, reason }, now)),
    endEverything: (options = {}) => run((t, now) => sessions.endEverything(t, options, now)),
    purgeSessions: (age, limit) => run((t, now) => sessions.purgeSessions(t, age, limit, now)),
  };
}
