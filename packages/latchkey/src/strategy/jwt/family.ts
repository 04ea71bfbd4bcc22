import { type Refusal, refuse } from "../../errors.ts";
import { makeSessionId, randomToken } from "../../lib/crypto/random.ts";
import type { CheckedAccessToken } from "../../token/access.ts";
import type { Client, NewSession } from "../../types.ts";
import type { Arrival, Stands, Strategy, StrategyContext, Verified } from "../strategy.ts";
import { issued } from "./issued.ts";
import { refresh } from "./refresh.ts";
import { revoke } from "./revoke.ts";

/** What tells the strategies with access tokens apart. */
export interface JwtStrategy {
  readonly name: Strategy["name"];
  /** Whether a check reads the store, so that every credential can be taken back. */
  readonly recalls: boolean;
  readonly verify: (
    token: CheckedAccessToken,
    client: Client,
    stands: Stands,
  ) => Promise<Verified | Refusal> | Verified;
}

/**
 * Access tokens, with a refresh token where the client has one. Only a strategy whose checks never read the store and
 * whose client does not refresh does without a session row: then nothing is written at all.
 */
export function jwtFamily(context: StrategyContext, { name, recalls, verify }: JwtStrategy): Strategy {
  const keepsSession = (client: Client): boolean => recalls || client.refresh;
  return {
    name,
    carries: "access",
    refreshes: true,
    keepsSession,

    async issue(client, arrival, open) {
      const opened = await open(keepsSession(client) ? newSession(context, client, arrival) : null);
      const rowless = { ...arrival, id: makeSessionId(), authTime: null };
      return opened.ok ? issued(context, client, opened, rowless) : opened;
    },

    verify: (token, client, stands) =>
      token.kind === "access" ? verify(token, client, stands) : refuse("credential_invalid"),

    async renew(client, session, step) {
      const opened = await step(keepsSession(client) ? { id: session.id, tokenHash: null } : null);
      const rowless = { ...session, authTime: session.authTime / 1000, ip: null, userAgent: null };
      return opened.ok ? issued(context, client, opened, rowless) : opened;
    },

    refresh: (client, token, call) => refresh(context, client, token, call),

    revoke: (client, session, call) =>
      revoke(context, { keepsSession: keepsSession(client), recalls }, session, call),
  };
}

/** Refreshing is use: without it the session idles away. */
function newSession({ settings }: StrategyContext, client: Client, arrival: Arrival): NewSession {
  const { remembered, ...rest } = arrival;
  const { expiresIn, absoluteExpiresIn } = settings.refresh;
  const absolute = client.refresh ? absoluteExpiresIn : settings.access.expiresIn;
  return {
    ...rest,
    id: makeSessionId(),
    client: client.name,
    tokenHash: null,
    refreshSalt: client.refresh ? randomToken(16) : null,
    expiresIn: remembered ? absolute : Math.min(absolute, settings.session.expiresInNotRemembered),
    idleTimeout: client.refresh ? expiresIn : null,
  };
}
