import { jwtFamily } from "./jwt/family.ts";
import { fromClaims, fromStore } from "./jwt/loaded.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/**
 * An access token checked by its signature and by what this process knows: no read, and a revocation is seen within
 * `maxStaleness`, usually within milliseconds, as the process follows the change log.
 */
export function jwtLiveStrategy(context: StrategyContext): Strategy {
  const { live } = context;
  return jwtFamily(context, {
    name: "jwt-live",
    recalls: true,
    verify(token, client, stands) {
      const { claims } = token;
      const remember = { until: claims.exp * 1000 };
      if (live.decides() && live.covers((claims.exp - claims.iat) * 1000))
        return fromClaims(context, token, client, stands, remember);
      const found = fromStore(context, token, client, { stands, required: true, read: live.lookup });
      return found.then((verified) => (verified.ok ? { ...verified, remember } : verified));
    },
  });
}
