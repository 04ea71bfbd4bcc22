import type { CheckedAccessToken } from "../token/access.ts";
import { jwtFamily } from "./jwt/family.ts";
import { fromClaims, fromStore } from "./jwt/loaded.ts";
import type { Strategy, StrategyContext, ToRemember } from "./strategy.ts";

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
      const remember = toRemember(token);
      if (live.decides() && live.covers((claims.exp - claims.iat) * 1000))
        return { ...fromClaims(context, claims, client, stands), remember };
      const found = fromStore(context, claims, client, { stands, required: true, read: live.lookup });
      return found.then((verified) => (verified.ok ? { ...verified, remember } : verified));
    },
  });
}

/** By the epochs that the token carries: what is known to be beyond them speaks against it. */
function toRemember({ claims, keyId }: CheckedAccessToken): ToRemember {
  const [globalEpoch, userEpoch, sessionEpoch] = claims.epo;
  return {
    issued: {
      ...{ sessionId: claims.sid, userId: claims.sub, keyId },
      ...{ globalEpoch, userEpoch, sessionEpoch, version: claims.ver },
    },
    until: claims.exp * 1000,
  };
}
