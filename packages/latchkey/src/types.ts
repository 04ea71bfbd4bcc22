import type { ErrorCode, Refusal } from "./errors.ts";
import type { Clock } from "./lib/clock.ts";
import type { MaybePromise } from "./lib/maybe-promise.ts";

/* ---------------------------------------------------------------- words -- */

/** Names a session for its whole life: 16 random bytes in base64url. Safe to log; never a credential. */
export type SessionId = string & { readonly __brand: "SessionId" };

/** SHA-256 in base64url of the random part of a session token. What the store keeps instead of the token. */
export type TokenHash = string & { readonly __brand: "TokenHash" };

/** How a credential is issued, verified and revoked. */
export type StrategyName = "session" | "jwt";

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
  | "user_deleted";

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
  readonly createdAt: number;
  /** Raised by every change of roles or status. */
  readonly version: number;
  /** Raised by every revocation of all that the user holds. */
  readonly epoch: number;
  /** PHC string; null: no password. */
  readonly passwordHash: string | null;
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
  readonly endedAt: number | null;
  readonly endReason: EndReason | null;
}

/** What keys are for. One key serves one purpose. */
export type KeyPurpose = "session" | "access";

/** How a key makes its mark. */
export type KeyAlgorithm = "HS256" | "EdDSA";

/** A key as the store holds it: the secret half sealed, the public half (if there is one) open. */
export interface StoredKey {
  /** Random; the `kid` of a JWT. */
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: KeyAlgorithm;
  /** The secret half, encrypted under the configured secret. */
  readonly sealed: string;
  /** JSON of the public JWK; null for HS256. */
  readonly publicJwk: string | null;
  readonly createdAt: number;
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
}

/** Input of {@link Store.openSession}. */
export interface OpenSession {
  /** Who signs in, with the epoch read together with the password hash; or who is made by signing up. */
  readonly user: { readonly id: string; readonly epoch: number } | { readonly create: NewUser };
  /** null: the credential stands alone and no session row is written. */
  readonly session: NewSession | null;
  /** A session that the same client carried until now; it ends in the same step. */
  readonly replaces: SessionId | null;
}

/** What a step that gives someone a credential has read and written, all at one moment. */
export interface OpenedSession {
  readonly ok: true;
  readonly user: UserRecord;
  readonly session: SessionRecord | null;
  readonly globalEpoch: number;
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
  readonly now: number;
}

/** Input of {@link Store.changePassword}. */
export interface ChangePassword {
  readonly userId: string;
  /** The user's epoch read together with the old hash. Another one now: `conflict`, nothing written. */
  readonly epoch: number;
  readonly passwordHash: string;
  /** The session that stays, with the hash of its new token. It must be live and the user's: else `session_ended`. */
  readonly keep: { readonly id: SessionId; readonly tokenHash: TokenHash | null } | null;
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

  /** All keys, oldest first. */
  listKeys(): Promise<readonly StoredKey[]>;
  /**
   * Adds the key unless one of its purpose and algorithm exists. Of several callers one gets `true`.
   */
  addFirstKey(key: Omit<StoredKey, "createdAt">): Promise<boolean>;
  /** Replaces the sealed half if it still is `from`; `false` otherwise. */
  resealKey(id: string, from: string, to: string): Promise<boolean>;

  /**
   * Makes a user. `email_taken` if another has that address. With `unlessRole`, `role_taken` if anybody holds
   * that role: of several callers one becomes the first administrator.
   */
  createUser(
    user: NewUser,
    options?: { readonly unlessRole?: string },
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"email_taken" | "role_taken">>;
  findUser(by: { readonly id: string } | { readonly email: string }): Promise<UserRecord | undefined>;
  /** Whether any user holds the role. */
  hasRole(role: string): Promise<boolean>;
  /** Changes what the user shows of themselves. */
  updateUser(
    id: string,
    patch: { readonly name: string | null },
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"user_not_found">>;
  /** Sets the roles and raises the user's version. */
  setRoles(
    id: string,
    roles: readonly string[],
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"user_not_found">>;
  /** Bans until `until` (null: without end), raises version and epoch and ends every session of the user. */
  banUser(
    id: string,
    ban: { readonly until: number | null; readonly reason: string | null },
  ): Promise<
    { readonly ok: true; readonly user: UserRecord; readonly ended: number } | StoreRefusal<"user_not_found">
  >;
  /** Lifts a ban and raises the version. Revives nothing. */
  unbanUser(
    id: string,
  ): Promise<{ readonly ok: true; readonly user: UserRecord } | StoreRefusal<"user_not_found">>;
  /** Removes the user and ends every session of theirs. */
  deleteUser(
    id: string,
  ): Promise<{ readonly ok: true; readonly ended: number } | StoreRefusal<"user_not_found">>;
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
   * password was checked (`conflict` otherwise), then makes the session with the epochs of that moment.
   */
  openSession(
    input: OpenSession,
  ): Promise<OpenedSession | StoreRefusal<"user_not_found" | "user_banned" | "conflict" | "email_taken">>;
  /** One read for all that a check needs. `userId` is asked for where there may be no session row. */
  readSession(id: SessionId, userId?: string): Promise<SessionRead>;
  /** The user's live sessions, newest first. */
  listSessions(userId: string): Promise<readonly SessionRecord[]>;
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
  endSession(id: SessionId, reason: EndReason, userId?: string): Promise<boolean>;
  /** Ends the user's live sessions but `except`, and tells how many. Without `except` the user's epoch rises too. */
  endSessions(userId: string, reason: EndReason, except?: SessionId): Promise<number>;
  /** Raises the global epoch: everything issued before is refused. */
  endEverything(): Promise<void>;
  /** Deletes up to `limit` rows of sessions that ended or expired more than `age` ms ago; tells how many. */
  purgeSessions(age: number, limit: number): Promise<number>;
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
}

/** Answer of `auth.authenticate`. */
export type AuthResult = Authenticated | Refusal;

/** The part of a Fetch `Request` that a check reads. */
export interface RequestLike {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
}

/** What the server knows of a connection and a Fetch `Request` does not say. */
export interface ConnectionInfo {
  /** Address of the peer's end of the connection. */
  readonly remoteAddress?: string | undefined;
}

/** What a client is given to hold. */
export type Credentials =
  | { readonly transport: "cookie"; readonly setCookies: readonly string[] }
  | ({ readonly transport: "bearer" } & BearerTokens);

/** The members of a sign-in's answer that a bearer client keeps. */
export type BearerTokens =
  | { readonly sessionToken: string; readonly expiresIn: number }
  | { readonly accessToken: string; readonly tokenType: "Bearer"; readonly expiresIn: number };

/** Answer of a sign-in, a sign-up or a password change. */
export interface SignedIn {
  readonly ok: true;
  readonly user: PublicUser;
  readonly session: PublicSession;
  readonly credentials: Credentials;
}

/** How a user is known by a client. */
export interface ClientOptions {
  readonly transport: Transport;
  readonly strategy: StrategyName;
  /** Earlier strategies of this client whose credentials are still accepted, e.g. while switching. */
  readonly accept?: readonly StrategyName[];
}

/** A password hasher. Both throw a `LatchkeyError` (`busy`, `hasher_unavailable`) rather than give no answer. */
export interface PasswordHasher {
  /** Password, as typed → PHC string. */
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
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
  /** By name. Default: `web` (cookie, `session`) and `mobile` (bearer, `session`). */
  readonly clients?: { readonly [name: string]: ClientOptions };
  readonly session?: {
    /** Absolute life of a session. Default 30 days. */
    readonly expiresIn?: number;
    /** Life without use; `null`: no such limit. Default 7 days. */
    readonly idleTimeout?: number | null;
    /** Absolute life when the person asked not to be remembered. Default 1 day. */
    readonly expiresInNotRemembered?: number;
  };
  /** `expiresIn`: life of an access token. Default 900 (15 minutes). */
  readonly access?: { readonly expiresIn?: number };
  /** Permissions by role, e.g. `{ admin: ["*"], editor: ["post:read", "post:write"] }`. Default: `admin` may all. */
  readonly roles?: { readonly [role: string]: readonly string[] };
  /** Default `{ algorithm: "EdDSA" }`. */
  readonly keys?: { readonly algorithm?: KeyAlgorithm };
  /** Origins beside baseURL's whose pages may send requests with cookies. */
  readonly trustedOrigins?: readonly string[];
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
  readonly logger?: Logger;
  /** Default: the system's. For tests. */
  readonly clock?: Clock;
}

/* ------------------------------------------------------------------ api -- */

/** Where a call comes from. With a request, a sign-in sees the session it replaces and the browser's name. */
export interface CallContext {
  readonly request?: RequestLike;
  readonly remoteAddress?: string | undefined;
}

/** E-mail and password of a sign-in. `client` is required unless there is exactly one, or one named `web`. */
export interface SignInEmail {
  readonly email: string;
  /** As typed: neither trimmed nor changed. */
  readonly password: string;
  readonly client?: string | undefined;
  /** Default true. False: the cookie goes with the browser, and the session ends after a day. */
  readonly rememberMe?: boolean | undefined;
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
  /** Where a client has strategy `jwt`: until when an access token that is out may still be accepted. */
  readonly until?: number;
}

/**
 * The verbs of the HTTP routes for the application's own server code. Trusted: they check addresses, names, roles,
 * passwords and the state of what they touch, not who is calling; the shape of the input is for TypeScript to check. Refusals are values; faults throw `LatchkeyError`.
 */
export interface AuthApi {
  signUpEmail(input: SignUpEmail, context?: CallContext): Promise<SignedIn | Refusal>;
  signInEmail(input: SignInEmail, context?: CallContext): Promise<SignedIn | Refusal>;
  /** Ends the session that the request carries, also if all that is wrong with it is that it expired. */
  signOut(request: RequestLike): Promise<SignedOut | Refusal>;
  /** The session and user of a request; `null` if nothing was sent or the session has ended. */
  getSession(request: RequestLike): Promise<Loaded | null | Refusal>;
  /** Merges members into a session's data; a member set to `null` is removed. */
  updateSession(input: {
    readonly sessionId: string;
    readonly data: SessionData;
  }): Promise<{ readonly ok: true; readonly session: PublicSession } | Refusal>;
  listSessions(input: { readonly userId: string }): Promise<readonly DeviceSession[]>;
  /**
   * Ends one session; with `userId`, only if it is that user's. With `current`, an id that is the caller's own is
   * answered `not_revocable` where its strategy cannot take it back.
   */
  revokeSession(input: {
    readonly sessionId: string;
    readonly userId?: string;
    readonly current?: Authenticated;
  }): Promise<Revoked | Refusal>;
  revokeOtherSessions(input: { readonly userId: string; readonly sessionId: string }): Promise<Revoked>;
  revokeSessions(input: { readonly userId: string }): Promise<Revoked>;
  /** Sets a new password, ends every other session of the user, and gives the current one a new credential. */
  changePassword(input: {
    readonly currentPassword: string;
    readonly newPassword: string;
    /** The session to keep, as `authenticate` gave it. */
    readonly current: Authenticated;
  }): Promise<SignedIn | Refusal>;
  getUser(input: { readonly userId: string } | { readonly email: string }): Promise<PublicUser | undefined>;
  /** Makes a user; `firstOf` makes one only if nobody holds that role yet. */
  createUser(input: {
    readonly email: string;
    readonly password: string;
    readonly name?: string | null | undefined;
    readonly roles?: readonly string[];
    readonly firstOf?: string;
  }): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  hasRole(input: { readonly role: string }): Promise<boolean>;
  updateUser(input: {
    readonly userId: string;
    readonly name: string | null;
  }): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  /** The user's own deletion: needs the password. Ends everything at once. */
  deleteUser(input: { readonly userId: string; readonly password: string }): Promise<Revoked | Refusal>;
  /** Bans for `expiresIn` seconds, or without end, and ends every session. */
  banUser(input: {
    readonly userId: string;
    readonly reason?: string;
    readonly expiresIn?: number;
  }): Promise<Revoked | Refusal>;
  unbanUser(input: {
    readonly userId: string;
  }): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  setRole(input: {
    readonly userId: string;
    readonly roles: readonly string[];
  }): Promise<{ readonly ok: true; readonly user: PublicUser } | Refusal>;
  /** Ends every session and refuses every credential issued so far. */
  revokeEverything(): Promise<void>;
}

/** What `latchkey()` gives. */
export interface Auth {
  readonly api: AuthApi;
  /** Answers everything under the base path. */
  handler(request: Request, connection?: ConnectionInfo): Promise<Response>;
  /** Checks the credential a request carries. Never renews it. Throws `LatchkeyError` if it cannot tell. */
  authenticate(request: RequestLike): MaybePromise<AuthResult>;
  /**
   * The cross-site check of the application's own forms: a refusal, or undefined if the request may proceed.
   * `authenticate` applies it already where one of our cookies is present.
   */
  checkOrigin(request: RequestLike): Refusal | undefined;
  /** Connects the store and loads the keys. Otherwise the first call does. */
  start(): Promise<void>;
  /** Finishes what runs in the background and closes the store. */
  close(): Promise<void>;
}

/* ------------------------------------------------------------- settings -- */

/** A configured client. */
export interface Client {
  readonly name: string;
  readonly transport: Transport;
  readonly strategy: StrategyName;
  /** The strategies whose credentials are accepted: `strategy` and those being left. */
  readonly accept: readonly StrategyName[];
  readonly cookieName: string;
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
  };
  readonly access: { readonly expiresIn: number };
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly algorithm: KeyAlgorithm;
  readonly passwordMinLength: number;
  readonly signUp: {
    readonly enabled: boolean;
    readonly allow: NonNullable<NonNullable<LatchkeyOptions["signUp"]>["allow"]>;
  };
}
