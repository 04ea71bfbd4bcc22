import Bowser from "bowser";
import { type Refusal, refuse } from "../errors.ts";
import type { RevokedSession, Strategy } from "../strategy/strategy.ts";
import type {
  AuditEntry,
  AuthApi,
  Authenticated,
  CallContext,
  Client,
  Revoked,
  SessionId,
} from "../types.ts";
import type { ApiContext } from "./context.ts";
import { auditEntry } from "./events/entry.ts";
import { clientOf } from "./sign-in/answer.ts";
import { deviceSession, viewSession } from "./view.ts";

type DevicesApi = Pick<
  AuthApi,
  | "listSessions"
  | "revokeSession"
  | "revokeOtherSessions"
  | "revokeSessions"
  | "revokeEverything"
  | "listVerifiers"
>;

/** Most entries of a device list; the newest ones. */
const maxListed = 200;

/** Seeing and ending sessions. */
export function devicesApi(context: ApiContext): DevicesApi {
  const { store, events } = context;
  return {
    async listSessions({ userId }) {
      const sessions = await store.listSessions(userId, maxListed);
      return sessions.map((session) => deviceSession(session, readableDevice(session.userAgent)));
    },
    revokeSession: (input, call = {}) => revokeSession(context, input, call),
    revokeOtherSessions: (input, call = {}) => revokeOtherSessions(context, input, call),
    async revokeSessions({ userId }, call = {}) {
      const audit = auditEntry("sessions_revoked", call, { userId });
      const ended = await store.endSessions(userId, "revoked", { audit });
      events.emit(audit);
      return revokedAll(context, ended);
    },
    async revokeEverything(call = {}) {
      const audit = auditEntry("everything_revoked", call);
      await store.endEverything({ audit });
      events.emit(audit);
      return { ok: true };
    },
    async listVerifiers() {
      const { leases } = await store.readLeases(null);
      return leases.map(({ node, behind, age, duration, accepts }) => ({
        ...{ node, behind, age, accepts },
        lease: duration,
      }));
    },
  };
}

async function revokeOtherSessions(
  context: ApiContext,
  { userId, sessionId, current }: Parameters<AuthApi["revokeOtherSessions"]>[0],
  call: CallContext,
): Promise<Revoked | Refusal> {
  const { store, events } = context;
  const audit = auditEntry("sessions_revoked", call, { userId, detail: { except: sessionId } });
  const endAllBut = (keep: SessionId | null): ReturnType<typeof store.endOtherSessions> =>
    store.endOtherSessions(userId, keep, "revoked", { audit });
  const ended = await endAllBut(sessionId as SessionId);
  const outcome = ended.ok || !standsAlone(context, current) ? ended : await endAllBut(null);
  if (!outcome.ok) return refuse(outcome.code);
  events.emit(audit);
  return revokedAll(context, outcome.ended);
}

/** Whether a credential has no session row of its own. What it had before its client was changed, it still has. */
function standsAlone(context: ApiContext, current: Authenticated | undefined): boolean {
  return (
    current !== undefined &&
    !context.strategies[current.strategy].keepsSession(clientOf(context, current.client))
  );
}

/** What stands alone cannot be taken back: the answer says how long at most something of the kind may live. */
function revokedAll({ settings, clock }: ApiContext, revoked: number): Revoked {
  return [...settings.clients.values()].some(({ accept }) => accept.includes("jwt"))
    ? { ok: true, revoked, until: clock() + settings.access.expiresIn * 1000 }
    : { ok: true, revoked };
}

async function revokeSession(
  context: ApiContext,
  { sessionId, userId, current }: Parameters<AuthApi["revokeSession"]>[0],
  call: CallContext,
): Promise<Revoked | Refusal> {
  const { session } = await context.store.readSession(sessionId as SessionId);
  const view = session === undefined ? current?.session : viewSession(session);
  const isTheirs = view?.id === sessionId && (userId === undefined || view.userId === userId);
  if (view === undefined || !isTheirs) return refuse("session_not_found");
  const client = context.settings.clients.get(view.client);
  const stored = session !== undefined;
  const { id, userId: owner } = view;
  const audit = auditEntry("session_revoked", call, { userId: owner, sessionId: id, client: view.client });
  const revoked =
    client === undefined
      ? await endUnknown(context, id, audit)
      : await strategyFor(context, client, stored).revoke(client, view, {
          stored,
          reason: "revoked",
          audit,
        });
  if (!revoked.ok) return revoked;
  if (!revoked.ended) return refuse("session_not_found");
  context.events.emit(audit);
  return { ok: true, revoked: 1, ...(revoked.until === undefined ? {} : { until: revoked.until }) };
}

/**
 * Of a client that is not configured, here or any more: it may be elsewhere, and its session is ended all the same. What
 * its strategy was nobody here knows, so it is said how long an access token may live.
 */
async function endUnknown(
  { store, settings, clock }: ApiContext,
  id: SessionId,
  audit: AuditEntry,
): Promise<RevokedSession> {
  const ended = await store.endSession(id, "revoked", { audit });
  return { ok: true, ended, until: clock() + settings.access.expiresIn * 1000 };
}

/** A row may be from before the client's strategy was changed: then the one that it came from ends it. */
function strategyFor({ strategies }: ApiContext, client: Client, hasRow: boolean): Strategy {
  const name = hasRow ? client.accept.find((one) => strategies[one].keepsSession(client)) : undefined;
  return strategies[name ?? client.strategy];
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
