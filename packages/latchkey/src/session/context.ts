import type { Refusal } from "../errors.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { Strategy, StrategyContext } from "../strategy/strategy.ts";
import type { Keyring } from "../token/keyring.ts";
import type { AuthResult, Client, PasswordHasher, RequestLike, StrategyName } from "../types.ts";

/** What the verbs of `auth.api` work with. */
export interface ApiContext extends StrategyContext {
  readonly strategies: { readonly [Name in StrategyName]: Strategy };
  readonly hasher: PasswordHasher;
  /** The keys, loaded when first asked for. */
  readonly keyring: () => Promise<Keyring>;
  readonly authenticate: (request: RequestLike) => MaybePromise<AuthResult>;
  /** Cleans up behind, now and then. */
  readonly sweep: () => void;
  /** Every credential of a request with its verdict, for sign-out. */
  readonly authenticateAll: (request: RequestLike) => Promise<readonly Presented[] | Refusal>;
}

/** One credential of a request, judged. `client`: the cookie's client, whatever the verdict. */
export interface Presented {
  readonly client: Client | undefined;
  readonly result: AuthResult;
}
