import type { Refusal } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { Issued as IssuedUnder, Remembered } from "../replica/cache.ts";
import type { Live } from "../replica/live.ts";
import type { CheckedToken } from "../token/check.ts";
import type { Keyring } from "../token/keyring.ts";
import type { CheckedRefreshToken } from "../token/refresh.ts";
import type {
  AuditEntry,
  Client,
  EndReason,
  Loaded,
  NewSession,
  OpenedSession,
  PublicSession,
  RefreshOutcome,
  SessionId,
  SessionRecord,
  SessionView,
  Settings,
  Store,
  StrategyName,
  TokenHash,
  UserView,
} from "../types.ts";
import type { Accounts } from "../user/accounts/accounts.ts";

/** What every strategy is given. */
export interface StrategyContext {
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly background: Background;
  /** Where people's accounts are kept. */
  readonly accounts: Accounts;
  /** The keys, of that version or a later one: what the store has shown at a version is judged by no older keys. */
  readonly keyringSince: (keysVersion: number) => MaybePromise<Keyring>;
  /** Notes that a session is used: off the path of the check, and not each time. */
  readonly touch: (session: Pick<SessionRecord, "id" | "idleTimeout" | "lastSeenAt">, now: number) => void;
  /** What this process knows of revocations, and how to ask where that is too old. */
  readonly live: Live;
}

/** Lets work go on after the answer; its failure is logged and changes nothing. */
export type Background = (work: Promise<unknown>, what: string) => void;

/**
 * Whether our mark on a credential still counts, now that the store has shown this version of the keys: one by a key
 * that was compromised vouches for nothing any more.
 */
export type Stands = (keysVersion: number) => MaybePromise<boolean>;

/** A credential that holds. */
export interface Verified {
  readonly ok: true;
  readonly user: UserView;
  readonly session: SessionView;
  /** One read of the store: what a check does not show; or why there is nothing to show any more. */
  readonly load: () => Promise<Loaded | Refusal>;
  /** Under which epochs it was issued: what is known beyond them speaks against it. */
  readonly issued: IssuedUnder;
  /** How to remember it: only with strategies that follow the change log. */
  readonly remember?: ToRemember | undefined;
}

/** How a checked credential is to be remembered. */
export type ToRemember = Pick<Remembered<never>, "until" | "use">;

/** A credential just made, as its client will carry it. */
export interface Issued {
  readonly ok: true;
  readonly opened: OpenedSession;
  readonly session: PublicSession;
  readonly token: { readonly kind: "session" | "access"; readonly value: string };
  /** Seconds until it ends. */
  readonly expiresIn: number;
  /** What gets the next one, with its life without use in seconds. */
  readonly refresh?: { readonly value: string; readonly expiresIn: number };
}

/** What is known of a sign-in before a credential is made for it. */
export type Arrival = Pick<NewSession, "amr" | "ip" | "userAgent"> & {
  /** False: the session is short and the cookie goes with the browser. */
  readonly remembered: boolean;
};

/** What the strategy asks the sign-in's one store step to write; null: no session row. */
export type OpenStep = (session: NewSession | null) => Promise<OpenedSession | Refusal>;

/** The store step of a privilege change: which session it keeps, and under which token hash. */
export type RenewStep = (
  keep: { readonly id: SessionId; readonly tokenHash: TokenHash | null } | null,
) => Promise<OpenedSession | Refusal>;

/** What a refresh takes along. */
export interface RefreshCall {
  /** Hash of the `Idempotency-Key`. */
  readonly rotationKey: string | null;
  readonly audit: AuditEntry;
}

/** What a revocation takes along. */
export interface RevokeCall {
  /** Whether a row is known to be behind it: also one from before its client went without. */
  readonly stored: boolean;
  readonly reason: EndReason;
  readonly audit: AuditEntry;
}

/** A revocation that was carried out. `until`: when the last credential that cannot be taken back is over. */
export interface RevokedSession {
  readonly ok: true;
  readonly ended: boolean;
  readonly until?: number;
}

/** How a credential is issued, verified, renewed, refreshed and revoked. One file per strategy. */
export interface Strategy {
  readonly name: StrategyName;
  /** The kind of credential it carries. */
  readonly carries: CheckedToken["kind"];
  /** Whether a refresh token can go with it. */
  readonly refreshes: boolean;
  /** Whether every credential of the client has a session row behind it. */
  keepsSession(client: Client): boolean;
  issue(client: Client, arrival: Arrival, open: OpenStep): Promise<Issued | Refusal>;
  verify(token: CheckedToken, client: Client, stands: Stands): MaybePromise<Verified | Refusal>;
  /** Gives the bearer of `session` a new credential; the old one is refused from then on where it can be. */
  renew(client: Client, session: SessionView, step: RenewStep): Promise<Issued | Refusal>;
  refresh(
    client: Client,
    token: CheckedRefreshToken,
    call: RefreshCall,
  ): Promise<(Issued & { readonly outcome: RefreshOutcome }) | Refusal>;
  /** Ends the session. `not_revocable` where nobody can. */
  revoke(client: Client, session: SessionView, call: RevokeCall): Promise<RevokedSession | Refusal>;
}
