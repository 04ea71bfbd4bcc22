import { type Refusal, refuse } from "../errors.ts";
import { toSeconds } from "../lib/clock.ts";
import { makeSessionId, randomToken } from "../lib/crypto/random.ts";
import { judgeUser } from "../session/judge.ts";
import { publicUser, rowlessSession } from "../session/view.ts";
import { type AccessClaims, type AccessKey, makeAccessToken } from "../token/access.ts";
import type { Client, Loaded, OpenedSession, SessionId, SessionView } from "../types.ts";
import type { Issued, Strategy, StrategyContext, Verified } from "./strategy.ts";

/** What of a sign-in the token repeats. */
interface Grant {
  readonly id: SessionId;
  /** Seconds. */
  readonly authTime: number | null;
  readonly amr: readonly string[];
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly expiresIn: number;
}

/**
 * An access token that stands alone: nothing is written, a check reads nothing, and **nobody can take it back
 * before it expires**. Sign-out, a ban and a password change stop new tokens, not the one that is out.
 */
export function jwtStrategy(context: StrategyContext): Strategy {
  const { settings } = context;
  return {
    name: "jwt",
    carries: "access",
    keepsSession: false,

    async issue(keyring, client, arrival, open) {
      const opened = await open(null);
      const grant = { ...arrival, id: makeSessionId(), authTime: null, expiresIn: settings.access.expiresIn };
      return opened.ok ? issued(context, keyring.signer, client, grant, opened) : opened;
    },

    verify(token) {
      return token.kind === "access" ? verified(context, token.claims) : refuse("credential_invalid");
    },

    async renew(keyring, client, session, step) {
      const opened = await step(null);
      const authTime = toSeconds(session.authTime);
      const { expiresIn } = settings.access;
      const grant = { id: session.id, authTime, amr: session.amr, ip: null, userAgent: null, expiresIn };
      return opened.ok ? issued(context, keyring.signer, client, grant, opened) : opened;
    },

    async revoke(session): Promise<Refusal> {
      return refuse("not_revocable", { until: session.expiresAt });
    },
  };
}

async function issued(
  { settings }: StrategyContext,
  key: AccessKey,
  client: Client,
  grant: Grant,
  opened: OpenedSession,
): Promise<Issued> {
  const { user, globalEpoch } = opened;
  const iat = toSeconds(opened.now);
  const claims: AccessClaims = {
    iss: settings.issuer,
    aud: settings.audience,
    sub: user.id,
    client_id: client.name,
    iat,
    exp: iat + grant.expiresIn,
    jti: randomToken(16),
    sid: grant.id,
    auth_time: grant.authTime ?? iat,
    amr: grant.amr,
    roles: user.roles,
    ver: user.version,
    epo: [globalEpoch, user.epoch, 0],
  };
  const value = await makeAccessToken(key, claims);
  const session = rowlessSession(viewClaims(claims), { ip: grant.ip, userAgent: grant.userAgent });
  return { ok: true, opened, session, token: { kind: "access", value }, expiresIn: grant.expiresIn };
}

function verified(context: StrategyContext, claims: AccessClaims): Verified {
  const session = viewClaims(claims);
  const load = (): Promise<Loaded | Refusal> => loadUser(context, claims, session);
  return { ok: true, user: { id: claims.sub, roles: claims.roles }, session, load };
}

/** Where the store is read anyway, it is asked whether the user may still be here. */
async function loadUser(
  { store }: StrategyContext,
  claims: AccessClaims,
  session: SessionView,
): Promise<Loaded | Refusal> {
  const [global, user] = claims.epo;
  const judged = judgeUser(await store.readSession(claims.sid, claims.sub), { global, user });
  if (!judged.ok) return judged;
  return {
    ok: true,
    user: publicUser(judged.user, judged.now),
    session: rowlessSession(session, { ip: null, userAgent: null }),
  };
}

/** A token without a session row is its own session: it begins and ends with it. */
function viewClaims(claims: AccessClaims): SessionView {
  return {
    id: claims.sid,
    userId: claims.sub,
    client: claims.client_id,
    createdAt: claims.iat * 1000,
    expiresAt: claims.exp * 1000,
    authTime: claims.auth_time * 1000,
    amr: claims.amr,
  };
}
