import type {
  CurrentSession,
  DeviceSession,
  PublicSession,
  PublicUser,
  Receipt,
  Revoked,
  SignedIn,
} from "../types.ts";

/** Records as they go over the wire: the same members, times in ISO 8601. */

/** A user. */
export function showUser(user: PublicUser): object {
  return { ...user, createdAt: iso(user.createdAt) };
}

/** A session. */
export function showSession(session: PublicSession): object {
  const { createdAt, expiresAt, authTime, lastSeenAt } = session;
  return {
    ...session,
    createdAt: iso(createdAt),
    expiresAt: iso(expiresAt),
    authTime: iso(authTime),
    lastSeenAt: iso(lastSeenAt),
  };
}

/** An entry of the device list; `current` marks the one that asks. */
export function showDevice(session: DeviceSession, currentId: string): object {
  const { id, createdAt, lastSeenAt, expiresAt } = session;
  const times = { createdAt: iso(createdAt), lastSeenAt: iso(lastSeenAt), expiresAt: iso(expiresAt) };
  return { ...session, ...times, current: id === currentId };
}

/** Who is signed in, and by which session. */
export function showLoaded({
  user,
  session,
  permissions,
  expiresIn,
}: Pick<CurrentSession, "user" | "session" | "permissions" | "expiresIn">): object {
  const shown = { user: showUser(user), session: showSession(session), permissions };
  return expiresIn === undefined ? shown : { ...shown, expiresIn };
}

/** The answer to a sign-in: tokens stand in the body for bearer clients only. */
export function showSignedIn({ credentials, ...who }: SignedIn, status: 200 | 201): Response {
  if (credentials.transport === "bearer") {
    const { transport: _, ...tokens } = credentials;
    return Response.json({ ...showLoaded(who), ...tokens }, { status });
  }
  const { expiresIn, setCookies } = credentials;
  const shown = showLoaded(expiresIn === undefined ? who : { ...who, expiresIn });
  return withCookies(Response.json(shown, { status }), setCookies);
}

/** How many sessions ended, until when what cannot be taken back lives on, and how far it has come. */
export function showRevoked({ revoked, until, receipt }: Revoked): Response {
  const lives = until === undefined ? {} : { until: iso(until) };
  return Response.json({ revoked, ...lives, ...showReceipt(receipt) });
}

/** The member of an answer that is a receipt, where one was asked for. */
export function showReceipt(receipt: Receipt | undefined): { readonly receipt?: object } {
  if (receipt === undefined) return {};
  const { until, ...rest } = receipt;
  return { receipt: until === undefined ? rest : { ...rest, until: iso(until) } };
}

/** Adds `Set-Cookie` headers. */
export function withCookies(response: Response, setCookies: readonly string[]): Response {
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  return response;
}

/** Milliseconds → ISO 8601. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}
