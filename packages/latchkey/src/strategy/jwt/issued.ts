import { publicSession, rowlessSession } from "../../session/view.ts";
import { makeAccessToken } from "../../token/access.ts";
import { makeRefreshToken } from "../../token/refresh.ts";
import type { Client, OpenedSession, SessionRecord } from "../../types.ts";
import type { Issued, StrategyContext } from "../strategy.ts";
import { makeClaims, type Rowless, viewClaims } from "./claims.ts";

/** Signs an access token and, for a session that has them, computes the refresh token of its generation. */
export async function issued(
  { settings, keyringSince }: StrategyContext,
  client: Client,
  opened: OpenedSession,
  rowless: Rowless & { readonly ip: string | null; readonly userAgent: string | null },
): Promise<Issued> {
  const keyring = await keyringSince(opened.keysVersion);
  const claims = makeClaims(settings, client, opened, rowless);
  const value = await makeAccessToken(keyring.signer(opened.now), claims);
  const { ip, userAgent } = rowless;
  const session =
    opened.session === null
      ? rowlessSession(viewClaims(claims), { ip, userAgent })
      : publicSession(opened.session);
  const access = { kind: "access", value } as const;
  const expiresIn = claims.exp - claims.iat;
  if (opened.session === null || opened.session.refreshSalt === null) {
    return { ok: true, opened, session, token: access, expiresIn };
  }
  const refresh = {
    value: await makeRefreshToken(keyring.macs.refresh, opened.session),
    expiresIn: secondsLeft(opened.session, opened.now),
  };
  return { ok: true, opened, session, token: access, expiresIn, refresh };
}

/** Until the session ends if it is not used again. */
function secondsLeft({ expiresAt, idleTimeout, lastSeenAt }: SessionRecord, now: number): number {
  const idleEnd = idleTimeout === null ? expiresAt : lastSeenAt + idleTimeout * 1000;
  return Math.floor((Math.min(expiresAt, idleEnd) - now) / 1000);
}
