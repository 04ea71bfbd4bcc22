import type { Issued } from "../../replica/cache.ts";
import type { Authenticated, SessionView, StrategyName, UserView } from "../../types.ts";

/** What a result was made from. */
export interface ResultParts {
  readonly issued: Issued;
  readonly withRoles: (roles: readonly string[]) => Authenticated;
}

/**
 * What the application is shown, and behind it, for whoever watches, what it was made from. A `WeakMap` would keep that as
 * well; one that grows with every check costs a check more than its signature (measured).
 */
export class Shown implements Authenticated {
  readonly ok = true;
  readonly user: UserView;
  readonly session: SessionView;
  readonly client: string;
  readonly strategy: StrategyName;
  readonly can: Authenticated["can"];
  readonly load: Authenticated["load"];
  readonly #parts: ResultParts;
  readonly #owner: object;

  constructor(shown: Omit<Authenticated, "ok">, parts: ResultParts, owner: object) {
    this.user = shown.user;
    this.session = shown.session;
    this.client = shown.client;
    this.strategy = shown.strategy;
    this.can = shown.can;
    this.load = shown.load;
    this.#parts = parts;
    this.#owner = owner;
    Object.freeze(this);
  }

  /** undefined: somebody else made the result, or another `latchkey()`. */
  static partsOf(result: Authenticated, owner: object): ResultParts | undefined {
    return #owner in result && result.#owner === owner ? result.#parts : undefined;
  }
}
