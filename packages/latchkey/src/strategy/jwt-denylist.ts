import { jwtFamily } from "./jwt/family.ts";
import { fromStore } from "./jwt/loaded.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/**
 * An access token that is refused if the store knows something against it: its session ended, an epoch was raised,
 * the user is banned or gone. One read; a revocation is seen at once. A session that the store has never heard of is
 * not held against it: should the store lose rows, nobody is signed out.
 */
export function jwtDenylistStrategy(context: StrategyContext): Strategy {
  return jwtFamily(context, {
    name: "jwt-denylist",
    recalls: true,
    verify: (token, client, stands) => fromStore(context, token, client, { stands, required: false }),
  });
}
