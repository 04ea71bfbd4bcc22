import type { ErrorCode, Refusal } from "./errors.ts";
import type { Clock } from "./lib/clock.ts";
import type { MaybePromise } from "./lib/maybe-promise.ts";
import type { AddressRange } from "./lib/net/address.ts";

/* ---------------------------------------------------------------- words -- */

/** Names a session for its whole life: 16 random bytes in base64url. Safe to log; never a credential. */
export type SessionId = string & { readonly __brand: "SessionId" };

/** SHA-256 in base64url of the random part of a session token. What the store keeps instead of the token. */
export type TokenHash = string & { readonly __brand: "TokenHash" };

/** How a credential is issued, verified and revoked. */
export type StrategyName = "session" | "session-live" | "jwt" | "jwt-denylist" | "jwt-allowlist" | "jwt-live";

/** Where a client carries its credential: a cookie, or `Authorization: Bearer`. */
export type Transport = "cookie" | "bearer";

/** How a person proved who they are (RFC 8176), e.g. `["pwd"]`. */
export type AuthenticationMethods = readonly string[];

/** Why a session ended. */
export type EndReason =
  | "signed_out"
  | "revoked"
  | "replaced"
  | "password_changed"
  | "banned"
  | "user_deleted"
  | "evicted"
  | "refresh_reused";

/** Members that an application keeps in a session, e.g. a cart. JSON only. */
export type SessionData = { readonly [key: string]: unknown };

/* -------------------------------------------------------------- records -- */

/** A user as the store holds it. Times are milliseconds since 1970. */
export interface UserRecord {
  readonly id: string;
  /** In its canonical spelling. */
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly status: "active" | "banned";
  /** End of a ban; null: no ban, or one without end. */
  readonly bannedUntil: number | null;
  readonly banReason: string | null;
  /** Whether the application's own table bans the user: a second lock beside `status`, which is ours. */
  readonly externalBan: boolean;
  /** Whether the roles are those of the application's own table, and hence not ours to set. */
  readonly externalRoles: boolean;
  readonly createdAt: number;
  /** Raised by every change of roles or status. */
  readonly version: number;
  /** Raised by every revocation of all that the user holds. */
  readonly epoch: number;
  /** PHC string; null: no password. */
  readonly passwordHash: string | null;
  /** Third parties that a session of theirs was ever exchanged for, by name. */
  readonly audiences: readonly string[];
}

/** A session as the store holds it. Times are milliseconds since 1970, whole seconds where a JWT shows them too. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly userId: string;
  readonly client: string;
  readonly createdAt: number;
  /** Written at most once a minute. */
  readonly lastSeenAt: number;
  /** The absolute end. */
  readonly expiresAt: number;
  /** Seconds without use after which it ends; null: no such limit. */
  readonly idleTimeout: number | null;
  readonly authTime: number;
  readonly amr: AuthenticationMethods;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly data: SessionData;
  /** Raised when the credential is renewed or the session ends. */
  readonly epoch: number;
  /** The user's epoch in the step that created (or renewed) the session. */
  readonly userEpoch: number;
  /** The global epoch in that step. */
  readonly globalEpoch: number;
  /** Raised by every change of `data`. */
  readonly version: number;
  /** null where the strategy carries no opaque token. */
  readonly tokenHash: TokenHash | null;
  /** Which refresh token is the newest; the first is 0. */
  readonly generation: number;
  /** When that one was made. */
  readonly rotatedAt: number;
  /** Random, under the mark of this session's refresh tokens; null: it has none. */
  readonly refreshSalt: string | null;
  /** Hash of the `Idempotency-Key` of the request that made the newest one, until that one is used. */
  readonly rotationKey: string | null;
  readonly endedAt: number | null;
  readonly endReason: EndReason | null;
  /** Third parties that it was exchanged for, by name. */
  readonly audiences: readonly string[];
}

/** What keys are for. One key serves one purpose. */
export type KeyPurpose = "session" | "access" | "refresh" | "device";

/** How a key makes its mark. */
export type KeyAlgorithm = "HS256" | "EdDSA" | "ES256" | "RS256";

/** A key as the store holds it: the secret half sealed, the public half (if there is one) open. */
export interface StoredKey {
  /** Random, 22 characters of base64url; the `kid` of a JWT. */
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: KeyAlgorithm;
  /** The secret half, encrypted under the configured secret. */
  readonly sealed: string;
  /** JSON of the public JWK; null for HS256. */
  readonly publicJwk: string | null;
  readonly createdAt: number;
  /** From when on it signs; it is published and accepted before. */
  readonly activatesAt: number;
  /** From when on nothing it made is accepted; null: not replaced yet. */
  readonly retiresAt: number | null;
}

/** What an entry of the audit log says, but for when. */
export interface AuditEntry {
  readonly type: EventType;
  /** Who did it: a user's id, or null for the system, the command line, or nobody who is signed in. */
  readonly actorId: string | null;
  /** Whom it concerns. */
  readonly userId: string | null;
  readonly sessionId: SessionId | null;
  readonly client: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** JSON; no credential and no hash. */
  readonly detail: { readonly [member: string]: unknown };
}

/** An entry of the audit log. */
export interface AuditRecord extends AuditEntry {
  /** Rises by each entry: what to go on from when reading page by page. */
  readonly id: number;
  readonly at: number;
}

/** What happens to accounts and sessions, for `auth.on` and the audit log. */
export type EventType =
  | "signed_up"
  | "signed_in"
  | "signed_in_new_device"
  | "sign_in_failed"
  | "signed_out"
  | "session_revoked"
  | "sessions_revoked"
  | "session_evicted"
  | "password_changed"
  | "refresh_reused"
  | "refresh_recovered"
  | "user_created"
  | "user_updated"
  | "user_synced"
  | "user_deleted"
  | "user_banned"
  | "user_unbanned"
  | "roles_changed"
  | "keys_rotated"
  | "everything_revoked"
  | "token_exchanged"
  | "service_token_issued";

/* ------------------------------------------------------------ change log -- */

/**
 * One thing that whoever checks credentials must know. Epochs and versions only rise, so of two changes about one
 * thing the higher one holds, and hearing one twice changes nothing. Those of users and of all rise to the store's time
 * (milliseconds) at least, those of a session to its age in tenths of a second: so a store that was put back to an older
 * copy does not use a number for something else. A reader that meets a kind it does not know cannot
 * trust what it has any more. Times are milliseconds since 1970.
 */
export type Change =
  /** Every credential of the session is refused from now on. */
  | ({ readonly kind: "session_ended"; readonly sessionId: SessionId; readonly userId: string } & Concerned)
  /** The session's credential was renewed: older ones carry a lower epoch. */
  | ({
      readonly kind: "session_epoch";
      readonly sessionId: SessionId;
      readonly userId: string;
      readonly epoch: number;
    } & Concerned)
  /** All that the user held was revoked: it carries a lower epoch. */
  | ({ readonly kind: "user_epoch"; readonly userId: string; readonly epoch: number } & Concerned)
  /** Roles or status are others now. */
  | {
      readonly kind: "user_state";
      readonly userId: string;
      readonly version: number;
      readonly roles: readonly string[];
      readonly status: "active" | "banned";
      readonly bannedUntil: number | null;
      /** Given if the application's own table bans the user: what there is of a ban of ours beside it. */
      readonly ownBan?: { readonly until: number | null } | null;
    }
  /** The user is gone. Should one of this id be made again, what they get carries at least that epoch. */
  | ({ readonly kind: "user_deleted"; readonly userId: string; readonly epoch: number } & Concerned)
  /** Everything that was issued before was revoked: it carries a lower epoch. */
  | { readonly kind: "global_epoch"; readonly epoch: number }
  /** A key for access tokens is there; it signs from `activatesAt` on. */
  | { readonly kind: "key_added"; readonly keyId: string; readonly activatesAt: number }
  /** Nothing that the key signed is accepted from `retiresAt` on. */
  | { readonly kind: "key_retired"; readonly keyId: string; readonly retiresAt: number };

/** A session that is about to be exchanged. */
export interface RecordExchange {
  readonly sessionId: SessionId;
  readonly userId: string;
  /** The user's, as the token will carry it. */
  readonly userEpoch: number;
  /** The third party, by name. */
  readonly audience: string;
}

/** Whom else a change concerns. */
export interface Concerned {
  /** Third parties that what is revoked was exchanged for; left out: none. Each is shown only what names it. */
  readonly audiences?: readonly string[];
}

/** A change as the log holds it. */
export interface LoggedChange {
  /** When it was made, by the store's clock. */
  readonly at: number;
  readonly change: Change;
}

/**
 * A place in the log: opaque text that names the store's life, the change and a random mark of it. A place that was
 * rolled back, trimmed away or belongs to another store is recognised as such.
 */
export type Position = string;

/** A node's word that it is reading: what a receipt waits for. */
export interface LeaseRenewal {
  /** Random, for each run of a process. */
  readonly id: string;
  /** Rises by each read: a late one never moves the lease back. */
  readonly counter: number;
  /** What to call the node, e.g. host and process id. */
  readonly node: string;
  /** Milliseconds after which the node has stopped trusting what it has, if it does not read again. */
  readonly duration: number;
  /** The node goes on accepting what it has even then. */
  readonly accepts: boolean;
}

/** Input of {@link Store.readChanges}. */
export interface ReadChanges {
  /** Everything after this; null: from the oldest change that is kept. */
  readonly after: Position | null;
  /** Most changes of an answer. */
  readonly limit: number;
  /** Milliseconds to wait for a change if there is none; 0: not at all. */
  readonly waitMs: number;
  /** Renewed before the log is looked at; with it `after` counts as applied. null: nobody waits for this reader. */
  readonly lease: LeaseRenewal | null;
  /** Ends the waiting: whoever asked is not interested any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Why a reader has to begin anew. */
export type LogReset =
  /** The log holds the place, but another copy or run of the store answers: what came after it may have been lost. */
  | "moved"
  /** The log went on and was trimmed: the reader was away too long. Nothing was lost. */
  | "trimmed"
  /** The log does not hold the place: the store was rolled back, or is another one. */
  | "lost";

/** Answer of {@link Store.readChanges}. */
export interface ChangesPage {
  /** Oldest first, without a gap. */
  readonly changes: readonly LoggedChange[];
  /** Of the last one; without any, the place that was asked for. */
  readonly position: Position;
  /** Whether there was nothing after that when the log was looked at. */
  readonly atHead: boolean;
  /** Why reading cannot go on from `after`; then there are no changes in the answer, and `position` is the newest. */
  readonly reset: false | LogReset;
  /** The store's clock when the log was looked at. */
  readonly now: number;
  /** The longest life of an access token that anybody may have issued, in milliseconds. */
  readonly longestLife: number;
  /** Milliseconds by which it was old already when it was given, if somebody passed it on. Default 0. */
  readonly age?: number;
}

/** A node's lease as others see it. */
export interface Lease {
  readonly id: string;
  readonly counter: number;
  readonly node: string;
  readonly duration: number;
  readonly accepts: boolean;
  /** Whether it has applied everything up to the position asked for. */
  readonly reached: boolean;
  /** How many entries of the log it has not applied yet. */
  readonly behind: number;
  /** Milliseconds since it was renewed, by the store's clock. */
  readonly age: number;
}

/** Answer of {@link Store.readLeases}. */
export interface Leases {
  readonly leases: readonly Lease[];
  /** The newest change. */
  readonly position: Position;
  /** Tells one life of the store from the next, over which leases may have been lost; null: they never are. */
  readonly life: string | null;
  /** The longest duration of a lease that anybody may hold, in milliseconds. */
  readonly longestLease: number;
}

/** What is known of how far a revocation has come. */
export interface Receipt {
  /** How many nodes were trusting what they know when it was made. */
  readonly verifiers: number;
  /** How many of them have applied it. */
  readonly confirmed: number;
  /** How many were not heard of for so long that they have stopped trusting what they know. */
  readonly expired: number;
  /** True: no check that begins from now on, on any node, accepts what was revoked, but for what `until` says. */
  readonly complete: boolean;
  /** How long that took, in milliseconds. */
  readonly ms: number;
  /** The nodes of which neither can be said yet. The revocation stands all the same. */
  readonly behind: readonly string[];
  /** When the last credential is over that cannot be taken back, in milliseconds since 1970. */
  readonly until?: number;
}

/* ----------------------------------------------------------- store port -- */

/** A user to be made. */
export interface NewUser {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly passwordHash: string | null;
}

/** A session to be made. The store adds the times, by its own clock, and the epochs. */
export interface NewSession {
  readonly id: SessionId;
  readonly client: string;
  readonly tokenHash: TokenHash | null;
  /** Seconds until the absolute end. */
  readonly expiresIn: number;
  readonly idleTimeout: number | null;
  readonly amr: AuthenticationMethods;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly refreshSalt: string | null;
}

/** A user that the application keeps in a table of its own, as it is now. What it leaves out is ours. */
export interface ExternalUser {
  /** 1 to 200 printable characters. Never another person's later: not even once this one is gone. */
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  /** Left out: the table keeps none, and those that `setRole` gave stay. */
  readonly roles?: readonly string[] | undefined;
  /** Default `active`. */
  readonly status?: "active" | "banned" | undefined;
}

/** What became of our record of an application's own user. */
export type ExternalChange =
  | "created"
  | "email"
  | "name"
  | "roles"
  /** By the application's own table. */
  | "banned"
  /** Its ban was lifted; one of ours still holds. */
  | "unbanned"
  | "deleted";

/** How many live sessions a user may have, over all clients. */
export interface SessionLimit {
  readonly max: number;
  /** `evict`: the oldest ones (by creation, to the millisecond) make room. `refuse`: the new one is refused. */
  readonly onLimit: "evict" | "refuse";
}

/** What many steps that change something take along. */
export interface StepOptions {
  /** Written in the same step, if the step changes something. */
  readonly audit?: AuditEntry | undefined;
}

/** For steps that could leave nobody in charge: `last_administrator` if nobody active would hold one of the roles. */
export interface GuardedStepOptions extends StepOptions {
  readonly keepOneOf?: readonly string[] | undefined;
}

/** Input of {@link Store.openSession}. */
export interface OpenSession {
  /** Who signs in, with the epoch read together with the password hash; or who is made by signing up. */
  readonly user: { readonly id: string; readonly epoch: number } | { readonly create: NewUser };
  /** null: the credential stands alone and no session row is written. */
  readonly session: NewSession | null;
  /** A session that the same client carried until now; it ends in the same step. */
  readonly replaces: SessionId | null;
  /** null: none. Judged after `replaces` made room. Never counts sessions that are not live. */
  readonly limit: SessionLimit | null;
  readonly audit: AuditEntry | null;
}

/** What a step that gives someone a credential has read and written, all at one moment. */
export interface OpenedSession {
  readonly ok: true;
  readonly user: UserRecord;
  readonly session: SessionRecord | null;
  readonly globalEpoch: number;
  /** As in {@link SessionRead}: a credential is made with no older keys. */
  readonly keysVersion: number;
  /** The store's clock. */
  readonly now: number;
}

/** What one read shows of a session and its user, all at one moment. */
export interface SessionRead {
  /** undefined: no such row (never made, or ended long ago). An ended one has `endedAt`. */
  readonly session: SessionRecord | undefined;
  /** The session's user, else the user asked for; undefined: deleted. */
  readonly user: UserRecord | undefined;
  readonly globalEpoch: number;
  /** Raised whenever a key is added, or retired early: a process that knows a lower one reads the keys again. */
  readonly keysVersion: number;
  readonly now: number;
}

/** Input of {@link Store.refreshSession}. */
export interface RefreshSession {
  readonly id: SessionId;
  /** The generation of the token that was presented and whose mark is right. */
  readonly generation: number;
  /** The session's epoch under which the token's proof was checked; a lower one than now: `credential_renewed`. */
  readonly epoch: number;
  /** The client it was presented for; another than the session's: `credential_invalid`. */
  readonly client: string;
  /** Length of the grace window in ms. */
  readonly grace: number;
  /** Hash of the request's `Idempotency-Key`. */
  readonly rotationKey: string | null;
  /** Written if the token turns out to be stolen, with `type: "refresh_reused"`. */
  readonly audit: AuditEntry;
}

/** What became of a refresh; the token to answer with is the one of `session.generation`. */
export type RefreshOutcome =
  /** A new generation was made. */
  | "rotated"
  /** The token is the newest and younger than the window: it stays, and counts as used. */
  | "kept"
  /** The parent came again within the window, or with the same key before its successor was used. */
  | "replayed"
  /** The store knew only an older generation: a write was lost, and the store was brought up to the token. */
  | "recovered";

/** Input of {@link Store.rotateKey}. */
export interface RotateKey {
  readonly key: Omit<StoredKey, "createdAt" | "activatesAt" | "retiresAt">;
  /** Milliseconds from now until it signs. */
  readonly activatesIn: number;
  /** How long after that the keys it replaces are still accepted at least, in ms; else the declared longest life. */
  readonly overlap: number;
  /** True: the keys it replaces are retired in this step, and it signs at once. */
  readonly compromised: boolean;
  readonly audit: AuditEntry;
}

/** The same with every member optional. */
export type Optional<Query> = { readonly [Member in keyof Query]?: Query[Member] | undefined };

/** Which users to list, sorted by creation, newest first. */
export interface UserQuery {
  /** Part of the e-mail address or name, or the whole id; letters' case does not matter. */
  readonly search?: string | undefined;
  readonly role?: string | undefined;
  readonly status?: "active" | "banned" | undefined;
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Which entries of the audit log to list, newest first. */
export interface AuditQuery {
  readonly userId?: string | undefined;
  readonly type?: EventType | undefined;
  /** Only entries of a lower id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Input of {@link Store.changePassword}. */
export interface ChangePassword {
  readonly userId: string;
  /** The user's epoch read together with the old hash. Another one now: `conflict`, nothing written. */
  readonly epoch: number;
  /** null: the application keeps it. */
  readonly passwordHash: string | null;
  /** The session that stays, with the hash of its new token. It must be live and the user's: else `session_ended`. */
  readonly keep: { readonly id: SessionId; readonly tokenHash: TokenHash | null } | null;
  readonly audit: AuditEntry | null;
}

/** Narrow refusals of a store; each method names the ones it can give. */
export type StoreRefusal<Code extends ErrorCode> = { readonly ok: false; readonly code: Code };

/**
 * Where users, sessions and keys live. Every method is one atomic step: it happens whole or not at all, and
 * two callers at once see one of the two orders. None reads first and writes later; none revives what has ended.
 * A method rejects with a `LatchkeyError` of code `cannot_tell` if the store cannot answer in time; what was
 * rejected so is not carried out afterwards.
 */
export interface Store {
  /** Connects and applies migrations. May be called again; safe when several processes start together. */
  start(): Promise<void>;
  close(): Promise<void>;

  /** All keys that are not retired, oldest first, with the version that `readSession` tells too. */
  listKeys(): Promise<{ readonly keys: readonly StoredKey[]; readonly keysVersion: number }>;
  /**
   * Adds the key, active at once, unless one of its purpose and algorithm exists that is not retired. Of several
   * callers one gets `true`.
   */
  addFirstKey(key: RotateKey["key"]): Promise<boolean>;
  /**
   * Adds a key that replaces those of its purpose. While one waits to become active, a rotation that is not
   * `compromised` adds none and answers with that one: of several callers all get the same key. Raises
   * `keysVersion`.
   */
  rotateKey(rotation: RotateKey): Promise<StoredKey>;
  /** Replaces the sealed half if it still is `from`; `false` otherwise. */
  resealKey(id: string, from: string, to: string): Promise<boolean>;

  /**
   * Makes a user. `email_taken` if another has that address. With `unlessRole`, `role_taken` if anybody holds
   * that role: of several callers one becomes the first administrator.
   */
  createUser(
    user: NewUser,
    options?: StepOptions & { readonly unlessRole?: string | undefined },
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"email_taken" | "role_taken">>;
  findUser(by: { readonly id: string } | { readonly email: string }): Promise<UserRecord | undefined>;
  listUsers(query: UserQuery): Promise<readonly UserRecord[]>;
  /** Whether any user holds the role. */
  hasRole(role: string): Promise<boolean>;
  /**
   * Brings our record of an application's own user up to date, making it if need be. `status` moves `externalBan` alone,
   * never a ban of ours; `roles` left out leaves ours. Changed roles or a changed ban raise the version; a new ban raises
   * the epoch too and ends every session. An id that was deleted before begins with a higher version and epoch than it
   * had. With `from`, `conflict` if the record is another than the one read before the table was (null: if there is
   * one): what was read is then older than what is written here.
   */
  syncUser(
    user: ExternalUser,
    options?: StepOptions & { readonly from?: UserRecord | null | undefined },
  ): Promise<
    { readonly ok: true; readonly user: UserRecord; readonly ended: number } | StoreRefusal<"conflict">
  >;
  /** Changes what the user shows of themselves. */
  updateUser(
    id: string,
    patch: { readonly name: string | null },
    options?: StepOptions,
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"user_not_found">>;
  /** Sets the roles and raises the user's version. `kept_elsewhere` where they are the application's. */
  setRoles(
    id: string,
    roles: readonly string[],
    options?: GuardedStepOptions,
  ): Promise<
    | { readonly ok: true; readonly user: UserRecord }
    | StoreRefusal<"user_not_found" | "last_administrator" | "kept_elsewhere">
  >;
  /**
   * Bans until `until` (null: without end), raises version and epoch and ends every session of the user. With `epoch`,
   * `conflict` if the user's is another.
   */
  banUser(
    id: string,
    ban: { readonly until: number | null; readonly reason: string | null },
    options?: GuardedStepOptions & { readonly epoch?: number | undefined },
  ): Promise<
    | { readonly ok: true; readonly user: UserRecord; readonly ended: number }
    | StoreRefusal<"user_not_found" | "conflict" | "last_administrator">
  >;
  /** Lifts a ban of ours and raises the version. Revives nothing, and leaves `externalBan` as it is. */
  unbanUser(
    id: string,
    options?: StepOptions,
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"user_not_found">>;
  /**
   * Removes the user and ends every session of theirs. With `epoch`, `conflict` if the user's is another: the
   * password was changed since it was checked.
   */
  deleteUser(
    id: string,
    options?: GuardedStepOptions & { readonly epoch?: number | undefined },
  ): Promise<
    | { readonly ok: true; readonly ended: number }
    | StoreRefusal<"user_not_found" | "conflict" | "last_administrator">
  >;
  /**
   * Sets the hash, raises the user's epoch and ends every other session; the kept one gets the new token hash
   * and a higher epoch. All or nothing: a concurrent sign-in with the old password, ban or revocation conflicts.
   */
  changePassword(
    change: ChangePassword,
  ): Promise<
    | (OpenedSession & { readonly ended: number })
    | StoreRefusal<"user_not_found" | "conflict" | "session_ended">
  >;

  /**
   * Signs someone in: checks that the user exists, is not banned and still has the epoch under which the
   * password was checked (`conflict` otherwise), then makes the session with the epochs of that moment. `evicted`
   * lists the sessions that made room; `session_limit` if the limit refuses.
   */
  openSession(
    input: OpenSession,
  ): Promise<
    | (OpenedSession & { readonly evicted: readonly SessionId[] })
    | StoreRefusal<"user_not_found" | "user_banned" | "conflict" | "email_taken" | "session_limit">
  >;
  /**
   * Refreshes, all by the store's clock. Refused first: a session that is not live (`session_ended`,
   * `session_expired`), of another client (`credential_invalid`), of a banned or missing user
   * (`account_unavailable`), or of another epoch (`credential_renewed`). Then, by the generation presented:
   *
   * - the newest, made less than `grace` ago: `kept`. `rotationKey` is forgotten: the newest has been used.
   * - the newest, older than that: `rotated`, remembering `rotationKey`.
   * - its parent, rotated less than `grace` ago, or with the remembered `rotationKey`: `replayed`.
   * - a higher one: `recovered`: generation and `rotatedAt` become those of now.
   * - anything else: `refresh_reused`; the session ends for that reason, and `audit` is written.
   *
   * What is not refused counts as use (`lastSeenAt`). Of several callers with one token one rotates, and the others
   * see what it did.
   */
  refreshSession(
    input: RefreshSession,
  ): Promise<
    | (OpenedSession & { readonly session: SessionRecord; readonly outcome: RefreshOutcome })
    | StoreRefusal<
        | "session_ended"
        | "session_expired"
        | "account_unavailable"
        | "credential_invalid"
        | "credential_renewed"
        | "refresh_reused"
      >
  >;
  /**
   * Notes with a session, and with its user, that it is exchanged for a third party: from now on what ends either names
   * that `audience`. `false` if the user is gone or has another epoch, or the session is not live or not theirs; one
   * that has no row is noted with its user alone.
   */
  recordExchange(exchange: RecordExchange): Promise<boolean>;
  /** One read for all that a check needs. `userId` is asked for where there may be no session row. */
  readSession(id: SessionId, userId?: string): Promise<SessionRead>;
  /** The user's live sessions, newest first, to the millisecond; with `limit` so many at most. */
  listSessions(userId: string, limit?: number): Promise<readonly SessionRecord[]>;
  /** Writes `lastSeenAt` of a live session if it is older than `minAge` ms; tells whether it did. */
  touchSession(id: SessionId, minAge: number): Promise<boolean>;
  /** Replaces `data` if the session is live and its version is still `version`. */
  updateSession(
    id: SessionId,
    version: number,
    data: SessionData,
  ): Promise<
    { readonly ok: true; readonly session: SessionRecord } | StoreRefusal<"session_ended" | "conflict">
  >;
  /** Ends one live session (of `userId`, if given) and raises its epoch; tells whether there was one. */
  endSession(
    id: SessionId,
    reason: EndReason,
    options?: StepOptions & { readonly userId?: string | undefined },
  ): Promise<boolean>;
  /** Ends all live sessions of the user, raises the user's epoch, and tells how many ended. */
  endSessions(userId: string, reason: EndReason, options?: StepOptions): Promise<number>;
  /**
   * Ends the user's live sessions but `keep`, and tells how many. `session_ended` if that one is not live or not the
   * user's: of several sessions that end each other at once one stays. null: whoever asks has no session row.
   */
  endOtherSessions(
    userId: string,
    keep: SessionId | null,
    reason: EndReason,
    options?: StepOptions,
  ): Promise<{ readonly ok: true; readonly ended: number } | StoreRefusal<"session_ended">>;
  /** Raises the global epoch: everything issued before is refused. */
  endEverything(options?: StepOptions): Promise<void>;
  /** Deletes up to `limit` rows of sessions that ended or expired more than `age` ms ago; tells how many. */
  purgeSessions(age: number, limit: number): Promise<number>;

  /** Adds an entry for what no other step writes down. */
  appendAudit(entry: AuditEntry): Promise<void>;
  listAudit(query: AuditQuery): Promise<readonly AuditRecord[]>;

  /**
   * Renews the lease, then reads what follows a position; where nothing does, waits for it up to `waitMs` and looks
   * once more. Every method above that changes what verifiers must know writes its changes in its own step, so what
   * it has answered is in the log. Positions are in the order in which steps became visible: nobody who has read up to
   * one finds another change before it later. Rejects if the store that answers does not take the writes.
   */
  readChanges(read: ReadChanges): Promise<ChangesPage>;
  /** All leases, and which of them have applied everything up to `position` (null: up to the newest change). */
  readLeases(position: Position | null): Promise<Leases>;
  /** Gives a lease back: its node does not trust what it has any more. */
  dropLease(id: string): Promise<void>;
  /**
   * Says how long an access token of this process lives at most, and a lease that it has or grants. Raises the marks that
   * `readChanges` and `readLeases` tell; lowers them again a day after nobody has said so much.
   */
  declareLongest(longest: { readonly life: number; readonly lease: number }): Promise<void>;
  /** Removes up to `limit` changes older than `age` ms, and leases that ended as long ago; never the newest change. */
  trimChanges(age: number, limit: number): Promise<number>;
  /**
   * Makes good what a restored or failed-over store has lost: each epoch and version becomes at least that of the
   * change, and what is said to have ended ends. Of a session that is not there it is noted that it has ended, and of a
   * user who is not there the log is told: tokens of theirs may live on. What holds already is left alone. Tells how many
   * had an effect.
   */
  restoreChanges(changes: readonly Change[]): Promise<number>;
  /**
   * Calls back with what steps of this store, here in this process, add to the log: once it is committed, and before the
   * step is answered. Gives what ends that. Without it a process hears of its own changes as of all others, and what
   * was answered right before a crash is lost if an older copy of the store is put back.
   */
  listen?(listener: (changes: readonly LoggedChange[]) => void): () => void;
}

/* ---------------------------------------------------------- public face -- */

/** What a check shows of the user without any look-up. */
export interface UserView {
  readonly id: string;
  readonly roles: readonly string[];
}

/** What a check shows of the session without any look-up. Times are milliseconds since 1970. */
export interface SessionView {
  readonly id: SessionId;
  readonly userId: string;
  readonly client: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly authTime: number;
  readonly amr: AuthenticationMethods;
}

/** The user as one read shows them. */
export interface PublicUser {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly status: "active" | "banned";
  readonly createdAt: number;
}

/** The session as one read shows it: no credential and no hash among its members. */
export interface PublicSession extends SessionView {
  readonly lastSeenAt: number;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly data: SessionData;
}

/** An accepted credential. */
export interface Authenticated {
  readonly ok: true;
  readonly user: UserView;
  readonly session: SessionView;
  readonly client: string;
  readonly strategy: StrategyName;
  /** Whether the user's roles hold the permission, e.g. `can("post:write")`. */
  readonly can: (permission: string) => boolean;
  /** One read of the store: name, e-mail, data; or why there is nothing to show any more. */
  readonly load: () => Promise<Loaded | Refusal>;
}

/** Answer of {@link Authenticated.load}. */
export interface Loaded {
  readonly ok: true;
  readonly user: PublicUser;
  readonly session: PublicSession;
  /** What the user's roles are granted, e.g. `["post:*"]`. */
  readonly permissions: readonly string[];
}

/** Answer of {@link AuthApi.getSession}. */
export interface CurrentSession extends Loaded {
  /** Of an access token that can be refreshed: seconds until it expires. */
  readonly expiresIn?: number;
}

/** Answer of `auth.authenticate`. */
export type AuthResult = Authenticated | Refusal;

/** The part of a Fetch `Request` that a check reads. */
export interface RequestLike {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
}

/** What a check may be given besides the request. */
export interface CheckContext {
  /** Lets work go on after the answer, where nothing else runs then. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** What the server knows of a connection and a Fetch `Request` does not say. */
export interface ConnectionInfo {
  /** Address of the peer's end of the connection. */
  readonly remoteAddress?: string | undefined;
}

/** What a client is given to hold. */
export type Credentials =
  | {
      readonly transport: "cookie";
      readonly setCookies: readonly string[];
      /** Of an access token that can be refreshed: seconds until it expires. */
      readonly expiresIn?: number;
    }
  | ({ readonly transport: "bearer"; readonly deviceToken?: string } & BearerTokens);

/** The members of a sign-in's answer that a bearer client keeps. */
export type BearerTokens =
  | { readonly sessionToken: string; readonly expiresIn: number }
  | {
      readonly accessToken: string;
      readonly tokenType: "Bearer";
      /** Of the access token, in seconds. */
      readonly expiresIn: number;
      readonly refreshToken?: string;
      /** Of the refresh token if it is not used, in seconds. */
      readonly refreshExpiresIn?: number;
    };

/** Answer of a sign-in, a sign-up or a password change. */
export interface SignedIn {
  readonly ok: true;
  readonly user: PublicUser;
  readonly session: PublicSession;
  /** What the user's roles are granted. */
  readonly permissions: readonly string[];
  readonly credentials: Credentials;
}

/** How a user is known by a client. */
export interface ClientOptions {
  readonly transport: Transport;
  readonly strategy: StrategyName;
  /** For a `jwt*` strategy: whether a refresh token goes with the access token. Default true. */
  readonly refresh?: boolean;
  /** Earlier strategies of this client whose credentials are still accepted, e.g. while switching. */
  readonly accept?: readonly StrategyName[];
}

/** A third party that takes our tokens. */
export interface AudienceOptions {
  /** Life of a token for it, in seconds; at most `access.expiresIn`. Default 300. */
  readonly expiresIn?: number;
  /** What a token for it may be good for. Default: no scope at all. */
  readonly scopes?: readonly string[];
}

/** A program that proves with a secret who it is. */
export interface ServiceOptions {
  /** What `hashServiceSecret` made of its secret; several while the secret is being changed. */
  readonly secretHash: string | readonly string[];
  /** What its tokens may be good for. Default: no scope at all. */
  readonly scopes?: readonly string[];
  /** Those of `audiences` for which it may get tokens, its own or a user's. Default: none but this server. */
  readonly audiences?: readonly string[];
  /** Whether it may ask what any token is worth. Default false. */
  readonly introspect?: boolean;
  /**
   * The one of `audiences` whose tokens it takes, if it is a third party: with the scope `changes:read` it then sees the
   * ends of sessions that were exchanged for that audience, and nothing of anybody else. Default: it is ours, and sees all.
   */
  readonly audience?: string;
}

/** A password hasher. Both throw a `LatchkeyError` (`busy`, `hasher_unavailable`) rather than give no answer. */
export interface PasswordHasher {
  /** Password, as typed → PHC string. */
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** How many it is at work on, for {@link Stats}. */
  load?(): { readonly running: number; readonly waiting: number };
}

/** An account that the application is asked to make. */
export interface NewExternalUser {
  /** In its canonical spelling. */
  readonly email: string;
  readonly name: string | null;
  /** For a table that keeps roles; another one leaves them to us. */
  readonly roles: readonly string[];
  /** As typed, and found good enough. */
  readonly password: string;
}

/**
 * A users table of the application's own. Each method may answer at once or by a promise. One that throws or gives no
 * answer in time (2 s, 5 s where a password is hashed) is a fault: 503 `cannot_tell`, never "no such user" and never
 * "wrong password". What it reads is what is committed at that moment: no cache, no replica that lags.
 * `usersContract` of `latchkey/testing` holds a port against these sentences.
 *
 * What is left out of the optional methods is refused with `kept_elsewhere`: then the application does it in pages of
 * its own, and calls `auth.api.userChanged` after.
 */
export interface UsersPort {
  /** The user of exactly this address, which comes in its canonical spelling: lower case, NFKC. */
  findByEmail(email: string): MaybePromise<ExternalUser | null | undefined>;
  findById(id: string): MaybePromise<ExternalUser | null | undefined>;
  /**
   * Whether the password, as typed, is the user's. `id` is null if nobody has the address, and may be of someone who is
   * gone: hash against something all the same and answer `false`, or the time tells who has an account.
   */
  checkPassword(id: string | null, password: string): MaybePromise<boolean>;
  /** Makes an account, for sign-up. Of several callers with one address one makes it. */
  createUser?(user: NewExternalUser): MaybePromise<{ readonly id: string } | "email_taken">;
  /** Sets `next` if `current` still is the password in that very step; tells whether. Of several callers one does. */
  changePassword?(id: string, current: string, next: string): MaybePromise<boolean>;
  /** Does nothing if there is no such user, as does the next. */
  setName?(id: string, name: string | null): MaybePromise<unknown>;
  deleteUser?(id: string): MaybePromise<unknown>;
}

/** Where the library reports faults it survived. Structural: pino, console and others fit. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options of `latchkey()`. Durations are seconds. */
export interface LatchkeyOptions {
  /** Seals the keys at rest; at least 32 characters. A list, newest first, while it is being changed. */
  readonly secret: string | readonly string[];
  /** Where the application is reached, e.g. `https://app.example`. Required when NODE_ENV is `production`. */
  readonly baseURL?: string;
  /** Default `/api/auth`. */
  readonly basePath?: string;
  readonly store: Store;
  /** A users table of the application's own. Default: users are kept in the store. */
  readonly users?: UsersPort;
  /** By name. Default: `web` (cookie, `session-live`) and `mobile` (bearer, `jwt-live`). */
  readonly clients?: { readonly [name: string]: ClientOptions };
  readonly session?: {
    /** Absolute life of a session. Default 30 days. */
    readonly expiresIn?: number;
    /** Life without use; `null`: no such limit. Default 7 days. */
    readonly idleTimeout?: number | null;
    /** Absolute life when the person asked not to be remembered. Default 1 day. */
    readonly expiresInNotRemembered?: number;
    /** Most live sessions of one user, over all clients. Default: no limit. */
    readonly maxPerUser?: number;
    /** At the limit: `evict` the oldest (default), or `refuse` the new one with `session_limit`. */
    readonly onLimit?: "evict" | "refuse";
  };
  /** Refresh tokens of `jwt*` strategies. */
  readonly refresh?: {
    /** Life without use. Default 30 days. */
    readonly expiresIn?: number;
    /** Absolute life of the session, however often it is refreshed. Default 90 days. */
    readonly absoluteExpiresIn?: number;
    /** Within this many seconds a refresh may be repeated and gets the same answer. Default 10. */
    readonly grace?: number;
  };
  /** How the live strategies keep up with what is revoked. */
  readonly revocation?: RevocationOptions;
  /** `expiresIn`: life of an access token. Default 900 (15 minutes). */
  readonly access?: { readonly expiresIn?: number };
  /** Permissions by role, e.g. `{ admin: ["*"], editor: ["post:read", "post:write"] }`. Default: `admin` may all. */
  readonly roles?: { readonly [role: string]: readonly string[] };
  /** Default `{ algorithm: "EdDSA" }`. */
  readonly keys?: { readonly algorithm?: KeyAlgorithm };
  /** Origins beside baseURL's whose pages may send requests with cookies. */
  readonly trustedOrigins?: readonly string[];
  /** Third parties for whom a session may be exchanged for a token, by the `aud` they expect. */
  readonly audiences?: { readonly [audience: string]: AudienceOptions };
  /** Other programs of yours that get tokens for themselves, exchange or introspect, by their client id. */
  readonly services?: { readonly [id: string]: ServiceOptions };
  /** `minLength` counts characters (code points). Default 8; NIST asks for 15 where nothing else protects. */
  readonly passwords?: { readonly minLength?: number; readonly hasher?: PasswordHasher };
  readonly signUp?: {
    readonly enabled?: boolean;
    /** Says who may sign up. */
    readonly allow?: (candidate: {
      readonly email: string;
      readonly name: string | null;
    }) => MaybePromise<boolean>;
  };
  /** Limits against guessing. `false` switches them off: for load tests only. */
  readonly rateLimit?: false | RateLimitOptions;
  /**
   * Addresses and ranges (CIDR) of the proxies in front of the application. Only they are believed when they say, in
   * `X-Forwarded-For`, for whom they speak. Default: none.
   */
  readonly trustedProxies?: readonly string[];
  /** The streams of `GET /events`. `false`: there are none. */
  readonly events?: false | EventStreamOptions;
  readonly logger?: Logger;
  /** Default: the system's. For tests. */
  readonly clock?: Clock;
}

/** How many streams of `GET /events` may be open in this process. */
export interface EventStreamOptions {
  /** Of one user; a browser takes one for all of its tabs. Default 20. */
  readonly perUser?: number;
  /** Default 10000. */
  readonly total?: number;
}

/** How the live strategies keep up with what is revoked. Durations are seconds. */
export interface RevocationOptions {
  /**
   * How old what a process knows of revocations may be for a check to be answered from it; usually it is milliseconds
   * old. 0.1 to 60, default 2.
   */
  readonly maxStaleness?: number;
  /**
   * What to do where it is older, because the store does not answer or the process stood still: `lookup` (default) asks
   * the store, as strategy `session` would; `reject` answers 503 `stale`; `accept` goes on with what is known, so that a
   * revoked credential may be accepted until it expires.
   */
  readonly onStale?: "lookup" | "reject" | "accept";
  /** Most checked credentials that are remembered. Each takes about 3.5 KB. Default 20000. */
  readonly cacheSize?: number;
  /** What to call this process in receipts and in `GET /admin/verifiers`. Default: its process id and four letters. */
  readonly node?: string;
  /**
   * False where nothing runs between two requests (Cloudflare Workers, functions): then a check of a live strategy reads
   * what is new itself, or in `waitUntil`. Default: found out.
   */
  readonly background?: boolean;
}

/** How often something may be tried. Durations are seconds. */
export interface RateLimitOptions {
  /** Wrong passwords on one account, whoever gives them and from wherever. */
  readonly perAccount?: {
    /** So many may follow each other without a pause; a device that is known has as many of its own. Default 10. */
    readonly attempts?: number;
    /** Length of the first pause; each further one is twice as long. Default 30. */
    readonly firstPause?: number;
    /** No pause is longer. Default 900. */
    readonly longestPause?: number;
    /** The failures are forgotten so long after the first of them. Default 86400. */
    readonly memory?: number;
  };
  /** From one address (of IPv6: from one /64), within a window. */
  readonly perIp?: {
    /** Default 900. */
    readonly window?: number;
    /** Sign-ins that may fail. Default 50. */
    readonly failures?: number;
    /** Default 100. */
    readonly signUps?: number;
    /** Default 9000. */
    readonly refreshes?: number;
  };
  /**
   * Makes the limiter for a rule, for processes that count together, e.g. one of rate-limiter-flexible's over a store:
   * `(rule) => new RateLimiterRedis({ storeClient, ...rule })`. Default: each process counts in its own memory.
   */
  readonly limiter?: MakeRateLimiter;
}

/** What a limiter is made for: so many points per key in so many seconds; `keyPrefix` is the rule's own. */
export interface RateLimitRule {
  readonly keyPrefix: string;
  readonly points: number;
  readonly duration: number;
}

/** Makes the limiter for a rule. Called once per rule, when it is first needed. */
export type MakeRateLimiter = (rule: RateLimitRule) => RateLimiter;

/** How a key stands. `msBeforeNext`: milliseconds until its count is forgotten. */
export interface RateLimitState {
  readonly consumedPoints: number;
  readonly msBeforeNext: number;
}

/**
 * A counter of points by key: a fixed window that begins with a key's first point. Structural: every limiter of
 * rate-limiter-flexible is one. Each method is one atomic step.
 */
export interface RateLimiter {
  /**
   * Adds to the count and resolves with it; rejects with a {@link RateLimitState} once it exceeds the rule's points,
   * and with an `Error` if it cannot count. `customDuration`: length of the window, if this begins one.
   */
  consume(
    key: string,
    points?: number,
    options?: { readonly customDuration?: number },
  ): Promise<RateLimitState>;
  get(key: string): Promise<RateLimitState | null>;
  /** Takes points off the count again. */
  reward(key: string, points?: number): Promise<unknown>;
  /** Forgets the key. */
  delete(key: string): Promise<unknown>;
}

/* ------------------------------------------------------------------ api -- */

/** Where a call comes from. With a request, a sign-in sees the session it replaces and the browser's name. */
export interface CallContext {
  readonly request?: RequestLike;
  /** Of the peer's end of the connection. If that is a trusted proxy, the request says for whom it speaks. */
  readonly remoteAddress?: string | undefined;
  /** Who does it, for the audit log: the id of the user who is signed in, if any. */
  readonly actor?: string | undefined;
  /**
   * True: what is revoked by the call is answered once every process that checks credentials knows of it, with a
   * {@link Receipt}. Usually that takes milliseconds, at most twice the longest lease.
   */
  readonly confirm?: boolean | undefined;
  /** Goes into the `detail` of the audit log's entry, e.g. by which tool. JSON; no credential. */
  readonly detail?: AuditEntry["detail"] | undefined;
}

/** E-mail and password of a sign-in. `client` is required unless there is exactly one, or one named `web`. */
export interface SignInEmail {
  readonly email: string;
  /** As typed: neither trimmed nor changed. */
  readonly password: string;
  readonly client?: string | undefined;
  /** Default true. False: the cookie goes with the browser, and the session ends after a day. */
  readonly rememberMe?: boolean | undefined;
  /** What an earlier sign-in of a bearer client gave; a cookie client carries it by itself. Never a reason to refuse. */
  readonly deviceToken?: string | undefined;
}

/** A sign-up: the same, with the name to show. */
export interface SignUpEmail extends SignInEmail {
  readonly name?: string | null | undefined;
}

/** Answer of a sign-out. */
export interface SignedOut {
  readonly ok: true;
  /** Cookies to clear. */
  readonly setCookies: readonly string[];
  /** Until when a credential that nobody can take back (strategy `jwt`) stays valid, if one was sent. */
  readonly until?: number;
}

/** Answer of {@link AuthApi.userChanged}. */
export interface UserChanged {
  readonly ok: true;
  /** As known from now on; null: not in the application's table, and out here. */
  readonly user: PublicUser | null;
  /** What was not known before. */
  readonly changed: readonly ExternalChange[];
  /** How many sessions ended by it. */
  readonly revoked: number;
  readonly receipt?: Receipt;
}

/** A token for a third party. */
export interface ExchangedToken {
  readonly ok: true;
  readonly accessToken: string;
  readonly tokenType: "Bearer";
  /** Seconds. */
  readonly expiresIn: number;
}

/** An entry of the device list. */
export interface DeviceSession {
  readonly id: SessionId;
  readonly client: string;
  /** Readable, e.g. "Firefox on Linux"; null: unknown. */
  readonly device: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** Answer of a call that ended sessions. */
export interface Revoked {
  readonly ok: true;
  /** How many sessions ended by this call. */
  readonly revoked: number;
  /** Until when an access token that is checked by its signature alone may still be accepted. */
  readonly until?: number;
  /** How far it has come, if that was asked for. */
  readonly receipt?: Receipt;
}

/** A process that checks credentials by what it knows, as it was last heard of. */
export interface Verifier {
  readonly node: string;
  /** How many entries of the change log it has not applied yet. */
  readonly behind: number;
  /** Milliseconds since it was heard of. */
  readonly age: number;
  /** Milliseconds without a word after which it has stopped trusting what it knows. */
  readonly lease: number;
  /** It goes on with what it knows even then. */
  readonly accepts: boolean;
}

/**
 * The verbs of the HTTP routes for the application's own server code. Trusted: they check addresses, names, roles,
 * passwords and the state of what they touch, not who is calling; the shape of the input is for TypeScript to check. Refusals are values; faults throw `LatchkeyError`.
 */
export interface AuthApi {
  signUpEmail(input: SignUpEmail, call?: CallContext): Promise<SignedIn | Refusal>;
  signInEmail(input: SignInEmail, call?: CallContext): Promise<SignedIn | Refusal>;
  /**
   * Answers a refresh token, from the input or the call's cookies, with the next one and a new access token. An
   * `Idempotency-Key` header of the request lets a lost answer be asked for again later than the grace window.
   */
  refresh(
    input: { readonly refreshToken?: string | undefined },
    call?: CallContext,
  ): Promise<SignedIn | Refusal>;
  /**
   * Ends the sessions that the request's credentials (and the refresh token, if given) belong to, also if all that
   * is wrong with them is that they expired.
   */
  signOut(
    request: RequestLike,
    input?: { readonly refreshToken?: string | undefined },
    call?: CallContext,
  ): Promise<SignedOut | Refusal>;
  /** The session and user of a request; `null` if nothing was sent or the session has ended. */
  getSession(request: RequestLike): Promise<CurrentSession | null | Refusal>;
  /**
   * Changes a session's data: `data` is merged into it (a member set to `null` is removed), or `update` is applied
   * to what is there, again from the start whenever somebody else wrote in between.
   */
  updateSession(
    input: { readonly sessionId: string } & (
      | { readonly data: SessionData }
      | { readonly update: (data: SessionData) => SessionData }
    ),
  ): Promise<{ readonly ok: true; readonly session: PublicSession } | Refusal>;
  /**
   * Makes a token for one of `audiences` from a session that is live at this moment by the store's word. It never
   * outlives the session, and `scope` (separated by spaces; default: all of the audience's) never goes beyond what the
   * audience may have. More seconds than the audience's are cut to those.
   */
  exchangeToken(
    input: {
      /** The session, as `authenticate` gave it. */
      readonly current: Authenticated;
      readonly audience: string;
      readonly scope?: string | undefined;
      readonly expiresIn?: number | undefined;
    },
    call?: CallContext,
  ): Promise<ExchangedToken | Refusal>;
  listSessions(input: { readonly userId: string }): Promise<readonly DeviceSession[]>;
  /**
   * Ends one session; with `userId`, only if it is that user's. With `current`, an id that is the caller's own is
   * answered `not_revocable` where its strategy cannot take it back.
   */
  revokeSession(
    input: { readonly sessionId: string; readonly userId?: string; readonly current?: Authenticated },
    call?: CallContext,
  ): Promise<Revoked | Refusal>;
  /**
   * Ends the user's other sessions. `session_ended` if the one that is to stay has ended meanwhile, as when two devices
   * sign each other out. With `current`, one's own needs no session row where its strategy keeps none.
   */
  revokeOtherSessions(
    input: { readonly userId: string; readonly sessionId: string; readonly current?: Authenticated },
    call?: CallContext,
  ): Promise<Revoked | Refusal>;
  revokeSessions(input: { readonly userId: string }, call?: CallContext): Promise<Revoked>;
  /** Sets a new password, ends every other session of the user, and gives the current one a new credential. */
  changePassword(
    input: {
      readonly currentPassword: string;
      readonly newPassword: string;
      /** The session to keep, as `authenticate` gave it. */
      readonly current: Authenticated;
    },
    call?: CallContext,
  ): Promise<SignedIn | Refusal>;
  getUser(input: { readonly userId: string } | { readonly email: string }): Promise<PublicUser | undefined>;
  /** Users, newest first; `after` is the last id of the page before. `limit`: 1 to 200, default 50. */
  listUsers(input?: Optional<UserQuery>): Promise<readonly PublicUser[]>;
  /** The audit log, newest first; `before` is the last id of the page before. `limit`: 1 to 200, default 50. */
  listEvents(input?: Optional<AuditQuery>): Promise<readonly AuditRecord[]>;
  /** Makes a user; `firstOf` makes one only if nobody holds that role yet. */
  createUser(
    input: {
      readonly email: string;
      readonly password: string;
      readonly name?: string | null | undefined;
      readonly roles?: readonly string[] | undefined;
      readonly firstOf?: string | undefined;
    },
    call?: CallContext,
  ): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  hasRole(input: { readonly role: string }): Promise<boolean>;
  updateUser(
    input: { readonly userId: string; readonly name: string | null },
    call?: CallContext,
  ): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  /** The user's own deletion: needs the password. Ends everything at once. */
  deleteUser(
    input: { readonly userId: string; readonly password: string },
    call?: CallContext,
  ): Promise<Revoked | Refusal>;
  /** Removes a user and ends everything of theirs at once. */
  removeUser(input: { readonly userId: string }, call?: CallContext): Promise<Revoked | Refusal>;
  /** Bans for `expiresIn` seconds, or without end, and ends every session. */
  banUser(
    input: {
      readonly userId: string;
      readonly reason?: string | undefined;
      readonly expiresIn?: number | undefined;
    },
    call?: CallContext,
  ): Promise<Revoked | Refusal>;
  /** Lifts a ban of ours; where the application's own table bans too, `user.status` still says so. */
  unbanUser(
    input: { readonly userId: string },
    call?: CallContext,
  ): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  setRole(
    input: { readonly userId: string; readonly roles: readonly string[] },
    call?: CallContext,
  ): Promise<{ readonly ok: true; readonly user: PublicUser; readonly receipt?: Receipt } | Refusal>;
  /**
   * To be called after the application changed a user in its own table: reads it there and applies what is new. A new
   * ban ends every session at once; a user who is gone is deleted here, with every session. `user_not_found` if neither
   * side knows the id. Without `users` there is nothing to read, and nothing changes.
   */
  userChanged(input: { readonly userId: string }, call?: CallContext): Promise<UserChanged | Refusal>;
  /** Ends every session and refuses every credential issued so far. */
  revokeEverything(call?: CallContext): Promise<{ readonly ok: true; readonly receipt?: Receipt }>;
  /**
   * Makes a new key for access tokens. It is published at once and signs after a while, and the one before is
   * accepted until its last token has expired. `compromised`: it signs at once, and everything that the ones before
   * signed is refused. Answers with its id and when it begins to sign (milliseconds).
   */
  rotateKeys(
    input?: { readonly compromised?: boolean | undefined },
    call?: CallContext,
  ): Promise<{
    readonly ok: true;
    readonly kid: string;
    readonly activatesAt: number;
    readonly receipt?: Receipt;
  }>;
  /** The keys for access tokens, oldest first, without what is secret of them. */
  listKeys(): Promise<readonly PublicKey[]>;
  /** The processes that follow the change log. */
  listVerifiers(): Promise<readonly Verifier[]>;
}

/** A key for access tokens, as it may be shown. Times are milliseconds. */
export interface PublicKey {
  readonly kid: string;
  readonly algorithm: KeyAlgorithm;
  readonly createdAt: number;
  readonly activatesAt: number;
  readonly retiresAt: number | null;
}

/** Something that happened, as listeners are told. */
export interface AuthEvent extends AuditEntry {
  readonly at: number;
}

/** Being told of events. */
export interface AuthEvents {
  /** Calls `listener` on each event of the type (`*`: of every type) in this process. The answer takes it off again. */
  on(type: EventType | "*", listener: (event: AuthEvent) => unknown): () => void;
}

/** What has happened in this process since it began. Counts only rise. */
export interface Stats {
  /** By strategy (null: refused before it was known, or a fault) and outcome. */
  readonly checks: readonly {
    readonly strategy: StrategyName | null;
    readonly outcome: "ok" | ErrorCode;
    readonly count: number;
  }[];
  /** Of the live strategies' checks, and how many credentials are remembered now. */
  readonly cache: { readonly hits: number; readonly misses: number; readonly size: number };
  /** Checks that found what is known too old, whatever `onStale` made of it. */
  readonly stale: number;
  /** How often the change log had to be read anew. */
  readonly resets: number;
  /** How long after it was made a change was known here, in milliseconds: how many took up to each bound. */
  readonly latency: {
    readonly count: number;
    readonly sum: number;
    readonly buckets: readonly { readonly bound: number; readonly count: number }[];
  };
  /** What is known of others' revocations. `age`: milliseconds since it was proven to be all; null: it is not. */
  readonly replica: {
    readonly age: number | null;
    readonly sessions: number;
    readonly users: number;
    readonly bytes: number;
  };
  /** Connections that are watched. */
  readonly watched: number;
  /** Passwords that are being hashed and that wait for it; null: the hasher does not tell. */
  readonly hashing: { readonly running: number; readonly waiting: number } | null;
}

/** What the owner of an open connection is told. */
export interface WatchHandlers {
  /** The credential is none any more: close the connection. Called once; `code` says why, as a check would. */
  readonly onEnd: (end: { readonly code: ErrorCode }) => void;
  /** The user has other roles now: the result as a check would show it. */
  readonly onChange?: (result: Authenticated) => void;
  /**
   * It cannot be told any more whether the session holds: what is known is too old, and the store does not answer, or is
   * not to be asked (`onStale: "reject"`). Called again every `maxStaleness` for as long as that lasts.
   */
  readonly onStale?: () => void;
}

/** What `latchkey()` gives. */
export interface Auth extends AuthEvents {
  readonly api: AuthApi;
  /** Where {@link Auth.handler} answers, e.g. `/api/auth`. */
  readonly basePath: string;
  /** Permissions by role, if the option was given. Guards take other names for mistakes then. */
  readonly roles: ReadonlyMap<string, readonly string[]> | undefined;
  /** Answers everything under the base path. */
  handler(request: Request, connection?: ConnectionInfo): Promise<Response>;
  /** Checks the credential a request carries. Never renews it. Throws `LatchkeyError` if it cannot tell. */
  authenticate(request: RequestLike, context?: CheckContext): MaybePromise<AuthResult>;
  /**
   * `authenticate` for the pages of cookie clients: an access token that has expired, or has less than a sixth of its
   * life left, is renewed by the refresh cookie that came along. `setCookies` must go out with the response. Of
   * everything else (session tokens, bearer clients) it renews nothing. For GET requests that a person sees the answer
   * of: in the background, `latchkey/client` refreshes.
   */
  renew(request: RequestLike, call?: CallContext): Promise<Renewed>;
  /**
   * The cross-site check of the application's own forms: a refusal, or undefined if the request may proceed.
   * `authenticate` applies it already where one of our cookies is present.
   */
  checkOrigin(request: RequestLike): Refusal | undefined;
  /**
   * Watches the session behind a result, for a connection that stays open (WebSocket, server-sent events, a stream):
   * tells when it ends, however it ends, and when its roles change, within `maxStaleness` and usually within
   * milliseconds. The answer stops it. A session that merely lies idle is not noticed.
   *
   * @throws LatchkeyError `misuse` if the result is not one that `authenticate` gave
   */
  watch(result: Authenticated, handlers: WatchHandlers): () => void;
  /** What has happened in this process so far, for whoever shows it, e.g. as metrics. */
  stats(): Stats;
  /**
   * The clock by which sessions are judged, in milliseconds since 1970: the machine's, or the store's where the two are
   * too far apart. What is compared with the times of a session is compared by it.
   */
  now(): number;
  /** Connects the store and loads the keys. Otherwise the first call does. */
  start(): Promise<void>;
  /**
   * Ends the streams of `GET /events` and opens no more: for a server that stops, before it waits for the requests that
   * run. `close` does it too.
   */
  drain(): void;
  /** Finishes what runs in the background and closes the store. */
  close(): Promise<void>;
}

/** What a renewing check found, and what the response must set. */
export interface Renewed {
  readonly result: AuthResult;
  /** Values of `Set-Cookie`; empty if nothing was renewed. */
  readonly setCookies: readonly string[];
  /** The `Cookie` header that the request would have with them, for whoever passes it on. Absent if nothing was renewed. */
  readonly cookie?: string;
}

/* ------------------------------------------------------------- settings -- */

/** A configured client. */
export interface Client {
  readonly name: string;
  readonly transport: Transport;
  readonly strategy: StrategyName;
  /** The strategies whose credentials are accepted: `strategy` and those being left. */
  readonly accept: readonly StrategyName[];
  readonly refresh: boolean;
  readonly cookieName: string;
  readonly refreshCookieName: string;
}

/** A configured third party. */
export interface Audience {
  readonly name: string;
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

/** A configured service. */
export interface Service {
  readonly id: string;
  readonly secretHashes: readonly string[];
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly introspect: boolean;
  /** null: it is ours. */
  readonly audience: string | null;
}

/** The options, checked and completed. Durations are seconds. */
export interface Settings {
  readonly secrets: readonly string[];
  /** Base URL joined with the base path: the `iss` of our tokens (RFC 8414, section 2). */
  readonly issuer: string;
  /** The `aud` of our own access tokens. */
  readonly audience: string;
  readonly basePath: string;
  /** https by `baseURL`: decides `Secure` and the `__Host-` prefix. */
  readonly secure: boolean;
  /** Origins whose pages may send our cookies along. */
  readonly origins: ReadonlySet<string>;
  /** Without `baseURL`: a loopback Host of the request is its own origin. */
  readonly trustLoopbackHost: boolean;
  readonly clients: ReadonlyMap<string, Client>;
  readonly session: {
    readonly expiresIn: number;
    readonly idleTimeout: number | null;
    readonly expiresInNotRemembered: number;
    readonly limit: SessionLimit | null;
  };
  readonly refresh: {
    readonly expiresIn: number;
    readonly absoluteExpiresIn: number;
    readonly grace: number;
  };
  readonly access: { readonly expiresIn: number };
  readonly revocation: {
    readonly maxStaleness: number;
    readonly onStale: NonNullable<RevocationOptions["onStale"]>;
    readonly cacheSize: number;
    readonly node: string | null;
    readonly background: boolean;
  };
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** The same, if `roles` was given: a name that is not in it is a mistake then. */
  readonly namedRoles: ReadonlyMap<string, readonly string[]> | undefined;
  /** The roles that hold every `admin:` permission: somebody active must always have one of them. */
  readonly adminRoles: readonly string[];
  readonly algorithm: KeyAlgorithm;
  readonly audiences: ReadonlyMap<string, Audience>;
  readonly services: ReadonlyMap<string, Service>;
  readonly passwordMinLength: number;
  readonly signUp: {
    readonly enabled: boolean;
    readonly allow: NonNullable<NonNullable<LatchkeyOptions["signUp"]>["allow"]>;
  };
  readonly trustedProxies: readonly AddressRange[];
  /** null: switched off. */
  readonly rateLimit: RateLimits | null;
  /** Most streams of `GET /events` in this process; null: there are none. */
  readonly events: { readonly perUser: number; readonly total: number } | null;
}

/** The limits, completed. Durations are seconds. */
export interface RateLimits {
  readonly perAccount: {
    readonly attempts: number;
    readonly firstPause: number;
    readonly longestPause: number;
    readonly memory: number;
  };
  readonly perIp: {
    readonly window: number;
    readonly failures: number;
    readonly signUps: number;
    readonly refreshes: number;
  };
  /** undefined: each process counts in its own memory. */
  readonly limiter: MakeRateLimiter | undefined;
}
