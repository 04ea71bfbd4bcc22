import type { Refusal } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { CheckedToken } from "../token/check.ts";
import type { Keyring } from "../token/keyring.ts";
import type {
  Client,
  EndReason,
  Loaded,
  NewSession,
  OpenedSession,
  PublicSession,
  SessionId,
  SessionRecord,
  SessionView,
  Settings,
  Store,
  StrategyName,
  TokenHash,
  UserView,
} from "../types.ts";

/** What every strategy is given. */
export interface StrategyContext {
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly background: Background;
  /** Notes that a session is used: off the path of the check, and not each time. */
  readonly touch: (session: SessionRecord, now: number) => void;
}

/** Lets work go on after the answer; its failure is logged and changes nothing. */
export type Background = (work: Promise<unknown>, what: string) => void;

/** A credential that holds. */
export interface Verified {
  readonly ok: true;
  readonly user: UserView;
  readonly session: SessionView;
  /** One read of the store: what a check does not show; or why there is nothing to show any more. */
  readonly load: () => Promise<Loaded | Refusal>;
}

/** A credential just made, as its client will carry it. */
export interface Issued {
  readonly ok: true;
  readonly opened: OpenedSession;
  readonly session: PublicSession;
  readonly token: { readonly kind: "session" | "access"; readonly value: string };
  /** Seconds until it ends. */
  readonly expiresIn: number;
}

/** What is known of a sign-in before a credential is made for it. */
export type Arrival = Pick<NewSession, "amr" | "ip" | "userAgent" | "expiresIn">;

/** What the strategy asks the sign-in's one store step to write; null: no session row. */
export type OpenStep = (session: NewSession | null) => Promise<OpenedSession | Refusal>;

/** The store step of a privilege change: which session it keeps, and under which token hash. */
export type RenewStep = (
  keep: { readonly id: SessionId; readonly tokenHash: TokenHash | null } | null,
) => Promise<OpenedSession | Refusal>;

/** How a credential is issued, verified, renewed and revoked. One file per strategy. */
export interface Strategy {
  readonly name: StrategyName;
  /** The kind of credential it carries. */
  readonly carries: CheckedToken["kind"];
  /** Whether every credential has a session row behind it. */
  readonly keepsSession: boolean;
  issue(keyring: Keyring, client: Client, arrival: Arrival, open: OpenStep): Promise<Issued | Refusal>;
  verify(token: CheckedToken, client: Client): MaybePromise<Verified | Refusal>;
  /** Gives the bearer of `session` a new credential; the old one is refused from then on where it can be. */
  renew(keyring: Keyring, client: Client, session: SessionView, step: RenewStep): Promise<Issued | Refusal>;
  /** Ends the session. `not_revocable` where nobody can. */
  revoke(
    session: SessionView,
    reason: EndReason,
  ): Promise<{ readonly ok: true; readonly ended: boolean } | Refusal>;
}
