import type { ErrorCode } from "../errors.ts";

/**
 * Codes of the server (docs/errors.md) and two of our own: `network`, no answer came; `unexpected_answer`, what came is
 * none of a Latchkey server, such as a proxy's page.
 */
export type ClientErrorCode = ErrorCode | "network" | "unexpected_answer";

/** A "no": a value, never thrown. */
export interface ClientRefusal {
  readonly ok: false;
  readonly code: ClientErrorCode;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** Public words that say more than the code. */
  readonly detail?: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
}

/** What a call gives. */
export type Answer<Success> = ({ readonly ok: true } & Success) | ClientRefusal;

/** The user who is signed in. Times are ISO 8601. */
export interface CurrentUser {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly status: "active" | "banned";
  readonly createdAt: string;
}

/** Their session. */
export interface SessionOfUser {
  readonly id: string;
  readonly userId: string;
  readonly client: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  readonly authTime: string;
  readonly amr: readonly string[];
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly data: { readonly [name: string]: unknown };
}

/** Who is signed in, by which session, and what they may do. */
export interface SessionInfo {
  readonly user: CurrentUser;
  readonly session: SessionOfUser;
  /** What the user's roles are granted, e.g. `["post:*"]`. */
  readonly permissions: readonly string[];
}

/** An entry of the device list. */
export interface Device {
  readonly id: string;
  readonly client: string;
  readonly current: boolean;
  /** Readable, e.g. "Firefox on Linux"; null: unknown. */
  readonly device: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
}

interface Nobody {
  readonly user: null;
  readonly session: null;
  readonly permissions: readonly string[];
}

/**
 * `loading`: not known yet. `authenticated`: signed in. `offline`: the server does not answer, or cannot tell; who was
 * known before is shown, if anyone was. `signed-out`: the server said so, and only then.
 */
export type AuthState =
  | (Nobody & { readonly status: "loading" | "signed-out" })
  | (SessionInfo & { readonly status: "authenticated" })
  | ((SessionInfo | Nobody) & { readonly status: "offline" });

/** Where a bearer client keeps its tokens. A value that was set is what `get` gives from then on. */
export interface TokenStorage {
  get(name: string): Promise<string | null | undefined> | string | null | undefined;
  set(name: string, value: string): Promise<unknown> | unknown;
  remove(name: string): Promise<unknown> | unknown;
}

export interface AuthClientOptions {
  /** The server's, e.g. `https://app.example`. Default: the page's origin. */
  readonly baseURL?: string;
  /** Default `/api/auth`. */
  readonly basePath?: string;
  /** Name of a client in the server's configuration. Default: the server's choice. */
  readonly client?: string;
  /** As the server's configuration says of that client. Default: `cookie` in a browser without `storage`, else `bearer`. */
  readonly transport?: "cookie" | "bearer";
  /** Where a bearer client keeps its tokens. Default: in memory. */
  readonly storage?: TokenStorage;
  /** Origins beside `baseURL`'s that `fetch` may send the credential to. */
  readonly origins?: readonly string[];
  /** `false`: no stream of `GET /events`. */
  readonly events?: boolean;
  /** The name under which tabs of one origin tell each other what happened; `false`: they do not. Browsers only. */
  readonly channel?: string | false;
  /** How long to wait for an answer of the auth server, in milliseconds. Default 10000. */
  readonly timeout?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

export interface AuthClient {
  readonly signUp: {
    email(input: {
      readonly email: string;
      readonly password: string;
      readonly name?: string;
      readonly rememberMe?: boolean;
    }): Promise<Answer<SessionInfo>>;
  };
  readonly signIn: {
    email(input: {
      readonly email: string;
      readonly password: string;
      readonly rememberMe?: boolean;
    }): Promise<Answer<SessionInfo>>;
  };
  /** If the server cannot be reached nothing changes: the session would live on there. */
  signOut(): Promise<Answer<object>>;
  /** Asks the server; `session: null`: nobody is signed in. */
  getSession(): Promise<Answer<SessionInfo | { readonly session: null; readonly user: null }>>;
  listSessions(): Promise<Answer<{ readonly sessions: readonly Device[] }>>;
  revokeSession(input: { readonly id: string }): Promise<Answer<{ readonly revoked: number }>>;
  revokeOtherSessions(): Promise<Answer<{ readonly revoked: number }>>;
  /** Every other session ends. */
  changePassword(input: {
    readonly currentPassword: string;
    readonly newPassword: string;
  }): Promise<Answer<SessionInfo>>;
  /** A short-lived token for a third party. */
  token(input: {
    readonly audience: string;
    readonly scope?: string;
    readonly expiresIn?: number;
  }): Promise<Answer<{ readonly accessToken: string; readonly expiresIn: number }>>;
  /**
   * `fetch` with the credential, which is renewed in time. Of a 401 `access_expired` it makes a second attempt; 429 and
   * 503 with `Retry-After` are waited for where the method is idempotent. Throws where `fetch` does.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Whether what is known of the user grants it, e.g. `can("post:write")`. The server decides; this is for what to show. */
  can(permission: string): boolean;
  /** The same object until something changes. */
  getSnapshot(): AuthState;
  /** Is called after each change. The first one sets everything going, and when the last has gone it rests. */
  subscribe(listener: () => void): () => void;
}
