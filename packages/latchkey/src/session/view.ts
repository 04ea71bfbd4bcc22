import { permissionsOf } from "../lib/access/roles.ts";
import { isBanned } from "../lib/standing.ts";
import type {
  DeviceSession,
  Loaded,
  PublicSession,
  PublicUser,
  SessionRecord,
  SessionView,
  Settings,
  UserRecord,
} from "../types.ts";

/** What a check shows of a session. */
export function viewSession(session: SessionRecord): SessionView {
  const { id, userId, client, createdAt, expiresAt, authTime, amr } = session;
  return { id, userId, client, createdAt, expiresAt, authTime, amr };
}

/** What one read shows of a session. */
export function publicSession(session: SessionRecord): PublicSession {
  const { lastSeenAt, ip, userAgent, data } = session;
  return { ...viewSession(session), lastSeenAt, ip, userAgent, data };
}

/** What one read shows of a session that has no row: all that is known stands in its credential. */
export function rowlessSession(
  view: SessionView,
  connection: { readonly ip: string | null; readonly userAgent: string | null },
): PublicSession {
  return { ...view, lastSeenAt: view.createdAt, ...connection, data: {} };
}

/** What one read shows of a user at a moment: a ban that is over by the clock is none. */
export function publicUser(user: UserRecord, now: number): PublicUser {
  const { id, email, name, roles, createdAt } = user;
  return { id, email, name, roles, status: isBanned(user, now) ? "banned" : "active", createdAt };
}

/** What one read shows. */
export function loaded(
  { roles }: Pick<Settings, "roles">,
  { user, now }: { readonly user: UserRecord; readonly now: number },
  session: PublicSession,
): Loaded {
  return { ok: true, user: publicUser(user, now), session, permissions: permissionsOf(roles, user.roles) };
}

/** An entry of the device list. */
export function deviceSession(session: SessionRecord, device: string | null): DeviceSession {
  const { id, client, ip, userAgent, createdAt, lastSeenAt, expiresAt } = session;
  return { id, client, device, ipAddress: ip, userAgent, createdAt, lastSeenAt, expiresAt };
}
