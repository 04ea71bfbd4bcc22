import { jwtFamily } from "./jwt/family.ts";
import { fromClaims } from "./jwt/loaded.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/**
 * An access token checked by its signature alone: no read, and **nobody can take it back before it expires**.
 * Sign-out, a ban, a password change and a change of roles reach it at the next refresh, not before.
 */
export function jwtStrategy(context: StrategyContext): Strategy {
  return jwtFamily(context, {
    name: "jwt",
    recalls: false,
    verify: (token, client, stands) => fromClaims(context, token, client, stands),
  });
}
