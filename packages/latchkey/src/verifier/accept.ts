import { deepFreeze } from "../lib/json.ts";
import type { Issued } from "../replica/cache.ts";
import type { AccessClaims } from "../token/access.ts";
import type { ExchangedClaims } from "../token/signed/exchanged.ts";
import type { Authenticated, SessionView } from "../types.ts";

/** An accepted token. As `auth.authenticate` shows it, but there is nothing to load more from. */
export type VerifiedToken = Omit<Authenticated, "load"> & {
  /** Of a token that a session was exchanged for; null: not limited by scopes. */
  readonly scopes: readonly string[] | null;
};

/** What a token says, whichever kind it is. */
export interface Said {
  readonly issued: Issued;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** How long it lives, in milliseconds. */
  readonly life: number;
  readonly client: string;
  readonly session: SessionView;
  readonly roles: readonly string[];
  /** null: not limited by scopes. */
  readonly scopes: readonly string[] | null;
}

/** An access token of the server's own clients. */
export function sayAccess(claims: AccessClaims, keyId: string): Said {
  const [globalEpoch, userEpoch, sessionEpoch] = claims.epo;
  const { sid, sub, client_id: client, iat, exp, auth_time, amr, ver, sst, sex } = claims;
  return {
    issued: { sessionId: sid, userId: sub, globalEpoch, userEpoch, sessionEpoch, version: ver, keyId },
    ...timesOf(claims),
    client,
    session: {
      ...{ id: sid, userId: sub, client, amr },
      createdAt: (sst ?? iat) * 1000,
      expiresAt: (sex ?? exp) * 1000,
      authTime: auth_time * 1000,
    },
    roles: claims.roles,
    scopes: null,
  };
}

/** A token that a session was exchanged for. It has no roles: what it is good for its scopes say (P15). */
export function sayExchanged(claims: ExchangedClaims, keyId: string): Said {
  const [globalEpoch, userEpoch, sessionEpoch = Number.POSITIVE_INFINITY] = claims.epo;
  const { sid, sub, client_id: client, iat, exp, scope } = claims;
  const version = Number.POSITIVE_INFINITY;
  const begin = iat * 1000;
  return {
    issued: { sessionId: sid, userId: sub, globalEpoch, userEpoch, sessionEpoch, version, keyId },
    ...timesOf(claims),
    client,
    session: {
      ...{ id: sid, userId: sub, client, amr: [] },
      ...{ createdAt: begin, authTime: begin, expiresAt: exp * 1000 },
    },
    roles: [],
    scopes: scope?.split(" ") ?? [],
  };
}

function timesOf({
  iat,
  exp,
}: {
  readonly iat: number;
  readonly exp: number;
}): Pick<Said, "expiresAt" | "life"> {
  return { expiresAt: exp * 1000, life: (exp - iat) * 1000 };
}

/** What the service is shown. There is no store here to load more from. */
export function accepted(
  { session, client, scopes }: Said,
  roles: readonly string[],
  can: (permission: string) => boolean,
): VerifiedToken {
  const user = { id: session.userId, roles };
  return deepFreeze({ ok: true, user, session, client, strategy: "jwt-live", scopes, can });
}
