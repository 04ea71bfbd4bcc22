import Bowser from "bowser";
import { refuse } from "../errors.ts";
import type { AuthApi, SessionId } from "../types.ts";
import type { ApiContext } from "./context.ts";
import { deviceSession } from "./view.ts";

type DevicesApi = Pick<
  AuthApi,
  "listSessions" | "revokeSession" | "revokeOtherSessions" | "revokeSessions" | "revokeEverything"
>;

/** Seeing and ending sessions. */
export function devicesApi({ store, strategies }: ApiContext): DevicesApi {
  return {
    async listSessions({ userId }) {
      const sessions = await store.listSessions(userId);
      return sessions.map((session) => deviceSession(session, readableDevice(session.userAgent)));
    },

    async revokeSession({ sessionId, userId, current }) {
      if (current?.session.id === sessionId) {
        const revoked = await strategies[current.strategy].revoke(current.session, "revoked");
        return revoked.ok ? { ok: true, revoked: revoked.ended ? 1 : 0 } : revoked;
      }
      const ended = await store.endSession(sessionId as SessionId, "revoked", userId);
      return ended ? { ok: true, revoked: 1 } : refuse("session_not_found");
    },

    async revokeOtherSessions({ userId, sessionId }) {
      return { ok: true, revoked: await store.endSessions(userId, "revoked", sessionId as SessionId) };
    },

    async revokeSessions({ userId }) {
      return { ok: true, revoked: await store.endSessions(userId, "revoked") };
    },

    revokeEverything: () => store.endEverything(),
  };
}

/** A user agent as people say it, e.g. "Firefox on Linux"; null if it says nothing known. */
function readableDevice(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === "") return null;
  const { browser, os } = Bowser.parse(userAgent);
  if (browser.name === undefined || browser.name === "") return os.name ?? null;
  return os.name === undefined ? browser.name : `${browser.name} on ${os.name}`;
}
