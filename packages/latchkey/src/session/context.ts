import type { Refusal } from "../errors.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { Guard } from "../protection/guard.ts";
import type { Strategy, StrategyContext } from "../strategy/strategy.ts";
import type { CheckedToken } from "../token/check.ts";
import type { Keyring } from "../token/keyring.ts";
import type { AuthResult, Client, RequestLike, SessionView, StrategyName } from "../types.ts";
import type { EventBus } from "./events/bus.ts";

/** What the verbs of `auth.api` work with. */
export interface ApiContext extends StrategyContext {
  readonly strategies: { readonly [Name in StrategyName]: Strategy };
  readonly events: EventBus;
  /** Asked before a secret is checked and before an account is made. */
  readonly guard: Guard;
  /** The keys, loaded when first asked for. */
  readonly keyring: () => Promise<Keyring>;
  /** Reads the keys again: they were just changed. */
  readonly reloadKeys: () => Promise<Keyring>;
  readonly authenticate: (request: RequestLike) => MaybePromise<AuthResult>;
  /** Every credential of a request, for sign-out. */
  readonly presented: (request: RequestLike) => Promise<readonly Presented[] | Refusal>;
  /** A credential that came in no request of its own; undefined if it is none of those clients. */
  readonly judge: (value: string, clients: readonly Client[]) => Promise<Judged | undefined>;
  /** Cleans up behind, now and then. */
  readonly sweep: () => void;
}

/** One credential of a request. */
export interface Presented {
  /** The client whose cookie it is, whatever the credential is worth. */
  readonly cookieOf: Client | undefined;
  /** Whose it is, if it is accepted, or if all that is wrong with it is that it expired or that its session ended. */
  readonly held: HeldSession | undefined;
  /** How long it is accepted all the same, where checks do not ask the store. */
  readonly until?: number | undefined;
}

/** A credential whose mark is ours, and what its strategy makes of it. */
export interface Judged {
  readonly token: CheckedToken;
  readonly result: AuthResult;
}

/** A session as its credential shows it. */
export interface HeldSession {
  readonly client: Client;
  readonly strategy: Strategy;
  readonly session: SessionView;
  /** Whether a row is behind it. */
  readonly stored: boolean;
}
