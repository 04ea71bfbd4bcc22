import { refuse } from "../../errors.ts";
import { grantScopes } from "../../lib/oauth/scope.ts";
import type { AuthApi } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { auditEntry } from "../events/entry.ts";
import { exchange } from "./exchange.ts";

/** Tokens for third parties, for whoever is signed in. */
export function exchangeApi(context: ApiContext): Pick<AuthApi, "exchangeToken"> {
  return {
    async exchangeToken({ current, audience: name, scope, expiresIn }, call = {}) {
      const audience = context.settings.audiences.get(name);
      if (audience === undefined) return refuse("unknown_audience");
      const scopes = grantScopes(scope, audience.scopes);
      if (scopes === undefined) return refuse("invalid_scope");
      if (expiresIn !== undefined && !(Number.isSafeInteger(expiresIn) && expiresIn > 0))
        return refuse("invalid_input", { detail: "expiresIn: not a positive whole number." });
      const exchanged = await exchange(context, { current, audience, scopes, expiresIn });
      if (!exchanged.ok) return exchanged;
      const { value: accessToken, claims } = exchanged;
      const { user, session, client } = current;
      const detail = { audience: name, scopes, jti: claims.jti };
      const by = { actor: user.id, ...call };
      context.events.record(
        auditEntry("token_exchanged", by, { userId: user.id, sessionId: session.id, client, detail }),
      );
      return { ok: true, accessToken, tokenType: "Bearer", expiresIn: claims.exp - claims.iat };
    },
  };
}
