import type { AuditEntry, ExternalUser, NewSession, NewUser, UserRecord } from "../../../types.ts";

/** What scripts take of an audit entry. Throws where JSON cannot say it, before anything was sent. */
export function auditInput(entry: AuditEntry | null | undefined): object | undefined {
  if (entry === null || entry === undefined) return undefined;
  const { type, actorId, userId, sessionId, client, ip, userAgent, detail } = entry;
  const body = JSON.stringify({ type, actorId, userId, sessionId, client, ip, userAgent, detail });
  return { type, userId, body };
}

/** What scripts take of a user to be made, or of one whom the application keeps. */
export function userInput<User extends NewUser | ExternalUser>(user: User): object {
  const { id, email, name, roles } = user;
  const foundBy = { id: id.toLowerCase(), email: email?.toLowerCase(), name: name?.toLowerCase() };
  return { ...user, roles: roles && JSON.stringify(roles), foundBy };
}

/** What scripts take of a record that was read before: without `record` there was none. */
export function fromInput(from: UserRecord | null | undefined): object | undefined {
  if (from === undefined || from === null) return from === null ? {} : undefined;
  const { version, epoch, email, name, externalRoles } = from;
  return { record: { version, epoch, email, name, externalRoles: Number(externalRoles) } };
}

/** What scripts take of a session to be made. */
export function sessionInput(session: NewSession | null): object | undefined {
  return session === null ? undefined : { ...session, amr: JSON.stringify(session.amr) };
}
