import { jwtFamily } from "./jwt/family.ts";
import { fromStore } from "./jwt/loaded.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/**
 * An access token that is accepted only while its session stands in the store. One read; a revocation is seen at once.
 * Should the store lose rows, those people are signed out.
 */
export function jwtAllowlistStrategy(context: StrategyContext): Strategy {
  return jwtFamily(context, {
    name: "jwt-allowlist",
    recalls: true,
    verify: (token, client, stands) => fromStore(context, token, client, { stands, required: true }),
  });
}
