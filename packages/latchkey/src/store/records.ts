import { wholeSecond } from "../lib/clock.ts";
import type {
  Change,
  NewSession,
  NewUser,
  RotateKey,
  SessionRecord,
  Store,
  StoredKey,
  UserRecord,
} from "../types.ts";

/**
 * An epoch or a version, raised: to the store's time (milliseconds) at least. A store that was put back to an older copy
 * begins again with lower numbers; by its clock none of them comes a second time for something else.
 */
export function raised(number: number, now: number): number {
  return Math.max(number + 1, now);
}

/** How finely a session's epoch tells the time, in ms: a replica has 31 bits for it, which then last for six years. */
const tick = 100;

/** The same for a session's own epoch: by the time since the session began, which no older copy of its row changes. */
export function raisedEpoch(
  { epoch, createdAt }: Pick<SessionRecord, "epoch" | "createdAt">,
  now: number,
): number {
  return Math.max(epoch + 1, Math.floor((now - createdAt) / tick));
}

/** What a method of the port resolves to. */
export type Answer<Method extends Exclude<keyof Store, "listen">> = Awaited<ReturnType<Store[Method]>>;

/** The epochs that a session made at this moment carries (P1). */
export interface Epochs {
  readonly userEpoch: number;
  readonly globalEpoch: number;
}

/** A user as they are in the step that makes them. Version and epoch begin with `floor`. */
export function makeUser(input: NewUser, now: number, floor = 0): UserRecord {
  return {
    id: input.id,
    email: input.email,
    name: input.name,
    roles: [...input.roles],
    status: "active",
    bannedUntil: null,
    banReason: null,
    externalBan: false,
    externalRoles: false,
    createdAt: now,
    version: floor,
    epoch: floor,
    passwordHash: input.passwordHash,
    audiences: [],
  };
}

/**
 * What version and epoch of an id that comes back begin with, once this user is gone: whatever still names the id is
 * older than that. One number serves all that were deleted.
 */
export function floorAbove({ version, epoch }: UserRecord, now: number): number {
  return raised(Math.max(version, epoch), now);
}

/** A session as it is in the step that makes it. Its times start on a whole second, as a JWT shows them. */
export function makeSession(input: NewSession, userId: string, epochs: Epochs, now: number): SessionRecord {
  const createdAt = wholeSecond(now);
  return {
    id: input.id,
    userId,
    client: input.client,
    createdAt,
    lastSeenAt: now,
    expiresAt: createdAt + input.expiresIn * 1000,
    idleTimeout: input.idleTimeout,
    authTime: createdAt,
    amr: [...input.amr],
    ip: input.ip,
    userAgent: input.userAgent,
    data: {},
    epoch: 0,
    ...epochs,
    version: 0,
    tokenHash: input.tokenHash,
    generation: 0,
    rotatedAt: now,
    refreshSalt: input.refreshSalt,
    rotationKey: null,
    endedAt: null,
    endReason: null,
    audiences: [],
  };
}

/**
 * What is known of a session that ended and that the store has lost, or never had: nothing but that. Written down so
 * that nobody who asks takes it for one that was never heard of.
 */
export function makeGone(change: Extract<Change, { kind: "session_ended" }>, now: number): SessionRecord {
  const { sessionId: id, userId } = change;
  const nothing = { tokenHash: null, idleTimeout: null, ip: null, userAgent: null } as const;
  const device = { ...nothing, id, client: "", expiresIn: 0, amr: [], refreshSalt: null };
  const session = makeSession(device, userId, { userEpoch: 0, globalEpoch: 0 }, now);
  // Over at this moment, not at the second in which it lies.
  return { ...session, epoch: 1, expiresAt: now, endedAt: now, endReason: "revoked" };
}

/** A key to be made: the store adds the times, by its own clock. */
export type NewKey = RotateKey["key"];

/** A key as it is in the step that adds it. */
export function makeKey(input: NewKey, activatesAt: number, now: number): StoredKey {
  const { id, purpose, algorithm, sealed, publicJwk } = input;
  return { id, purpose, algorithm, sealed, publicJwk, createdAt: now, activatesAt, retiresAt: null };
}

/** When the row is dead without anybody ending it: the earlier of the absolute and the idle limit. */
export function limitOf(session: Pick<SessionRecord, "expiresAt" | "lastSeenAt" | "idleTimeout">): number {
  if (session.idleTimeout === null) return session.expiresAt;
  return Math.min(session.expiresAt, session.lastSeenAt + session.idleTimeout * 1000);
}

/** Not ended, within both limits, and of no lower epoch than the user and the store have now. */
export function isLive(session: SessionRecord, current: Epochs, now: number): boolean {
  return (
    session.endedAt === null &&
    limitOf(session) > now &&
    session.userEpoch >= current.userEpoch &&
    session.globalEpoch >= current.globalEpoch
  );
}
