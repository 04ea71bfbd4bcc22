import Bowser from "bowser";
import { refuse } from "../errors.ts";
import type { AuthApi, Revoked, SessionId } from "../types.ts";
import type { ApiContext } from "./context.ts";
import { deviceSession } from "./view.ts";

type DevicesApi = Pick<
  AuthApi,
  "listSessions" | "revokeSession" | "revokeOtherSessions" | "revokeSessions" | "revokeEverything"
>;

/** Most entries of a device list; the newest ones. */
const maxListed = 200;

/** Seeing and ending sessions. */
export function devicesApi({ store, strategies, settings, clock }: ApiContext): DevicesApi {
  // What stands alone cannot be taken back: the answer says how long at most something of the kind may live.
  const standsAlone = [...settings.clients.values()].some(({ accept }) => accept.includes("jwt"));
  const told = (revoked: number): Revoked =>
    standsAlone
      ? { ok: true, revoked, until: clock() + settings.access.expiresIn * 1000 }
      : { ok: true, revoked };
  return {
    async listSessions({ userId }) {
      const sessions = await store.listSessions(userId);
      const shown = sessions.slice(0, maxListed);
      return shown.map((session) => deviceSession(session, readableDevice(session.userAgent)));
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
      return told(await store.endSessions(userId, "revoked", sessionId as SessionId));
    },

    async revokeSessions({ userId }) {
      return told(await store.endSessions(userId, "revoked"));
    },

    revokeEverything: () => store.endEverything(),
  };
}

/** Names found so far: user agents repeat, and reading one takes a tenth of a millisecond and more. */
const names = new Map<string, string | null>();
const maxNames = 1000;

/** A user agent as people say it, e.g. "Firefox on Linux"; null if it says nothing known. */
function readableDevice(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === "") return null;
  const known = names.get(userAgent);
  if (known !== undefined) return known;
  if (names.size >= maxNames) names.clear();
  const name = readUserAgent(userAgent);
  names.set(userAgent, name);
  return name;
}

function readUserAgent(userAgent: string): string | null {
  const { browser, os } = Bowser.parse(userAgent);
  if (browser.name === undefined || browser.name === "") return os.name ?? null;
  return os.name === undefined ? browser.name : `${browser.name} on ${os.name}`;
}
