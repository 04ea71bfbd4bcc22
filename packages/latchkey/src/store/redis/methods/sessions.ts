import { LatchkeyError } from "../../../errors.ts";
import type { Store } from "../../../types.ts";
import type { Answer } from "../../records.ts";
import { namedSession, type SessionRow, type SessionValues, toSession } from "../rows/session.ts";
import { namedUser, toUser, type UserValues } from "../rows/user.ts";
import type { InRows, Run } from "../run/run.ts";
import { sessionScripts } from "../scripts/sessions/all.ts";
import { auditInput, sessionInput, userInput } from "./input.ts";

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

/** Rows looked at and purged by one script: a stretch of about a millisecond, in which nobody else is served. */
const purgeStretch = { limit: 100, examine: 150 };
/** Scripts of one call; the sweep comes again. */
const purgeRounds = 20;

/** The port's methods of sessions. */
export function sessionMethods(run: Run): Pick<Store, Methods> {
  const { read, list, touch, update, open, refresh, end, endOfUser, endOthers, endAll } = sessionScripts;
  return {
    async openSession({ user, session, replaces, limit, audit }) {
      const who =
        "create" in user ? { create: userInput(user.create) } : { userId: user.id, epoch: user.epoch };
      const rest = { session: sessionInput(session), replaces, limit, audit: auditInput(audit) };
      const opened = await run<InRows<Answer<"openSession">>>("step", open, { ...who, ...rest });
      if (!opened.ok) return opened;
      return { ...opened, user: toUser(opened.user), session: opened.session && toSession(opened.session) };
    },
    async refreshSession({ audit, ...token }) {
      const input = { ...token, audit: auditInput({ ...audit, type: "refresh_reused" }) };
      const refreshed = await run<InRows<Answer<"refreshSession">>>("revoke", refresh, input);
      if (!refreshed.ok) return refreshed;
      return { ...refreshed, user: toUser(refreshed.user), session: toSession(refreshed.session) };
    },
    async readSession(id, userId) {
      const { session, user, ...moment } = await run<Found>("check", read, { id, userId });
      const owner = session?.[0] ?? userId;
      return {
        session: session === null ? undefined : namedSession(id, session),
        user: user === null || owner === undefined ? undefined : namedUser(owner, user),
        ...moment,
      };
    },
    async listSessions(userId, limit) {
      const { sessions } = await run<{ sessions: readonly SessionRow[] }>("read", list, { userId, limit });
      return sessions.map(toSession);
    },
    async touchSession(id, minAge) {
      return (await run<Done>("step", touch, { id, minAge })).done;
    },
    async updateSession(id, version, data) {
      const input = { id, version, data: JSON.stringify(data) };
      const updated = await run<InRows<Answer<"updateSession">>>("step", update, input);
      return updated.ok ? { ok: true, session: toSession(updated.session) } : updated;
    },
    async recordExchange(exchange) {
      return (await run<Done>("revoke", sessionScripts.exchange, exchange).catch(asUntold)).done;
    },
    async endSession(id, reason, { userId, audit } = {}) {
      return (await run<Done>("revoke", end, { id, reason, userId, audit: auditInput(audit) })).done;
    },
    async endSessions(userId, reason, { audit } = {}) {
      const input = { userId, reason, audit: auditInput(audit) };
      return (await run<{ ended: number }>("revoke", endOfUser, input)).ended;
    },
    endOtherSessions(userId, keep, reason, { audit } = {}) {
      return run("revoke", endOthers, { userId, keep, reason, audit: auditInput(audit) });
    },
    async endEverything({ audit } = {}) {
      await run("revoke", endAll, { audit: auditInput(audit) });
    },
    purgeSessions: (age, limit) => purge(run, age, limit),
  };
}

/** What was not confirmed in time is not answered: nothing was revoked, and no token goes out. */
function asUntold(error: unknown): never {
  if (!(error instanceof LatchkeyError) || error.code !== "revocation_unconfirmed") throw error;
  throw new LatchkeyError("cannot_tell", "no replica or disk confirmed an exchange in time", {
    cause: error,
  });
}

interface Done {
  readonly done: boolean;
}

interface Found {
  readonly session: SessionValues | null;
  readonly user: UserValues | null;
  readonly globalEpoch: number;
  readonly keysVersion: number;
  readonly now: number;
}

/** In stretches, so that a large purge holds nobody up. */
async function purge(run: Run, age: number, limit: number): Promise<number> {
  let purged = 0;
  for (let round = 0; round < purgeRounds; round++) {
    const stretch = { age, ...purgeStretch, limit: Math.min(purgeStretch.limit, limit - purged) };
    const done = await run<{ purged: number; more: boolean }>("step", sessionScripts.purge, stretch);
    purged += done.purged;
    if (purged >= limit || (!done.more && done.purged < stretch.limit)) break;
  }
  return purged;
}
