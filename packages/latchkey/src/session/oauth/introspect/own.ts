import { toSeconds } from "../../../lib/clock.ts";
import { checkRefreshToken, isProofOf } from "../../../token/refresh.ts";
import type { SessionRecord } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { endOf } from "../../exchange/exchange.ts";
import { judgeSession } from "../../judge.ts";

/** What is told of a token that holds (RFC 7662, section 2.2). */
export interface ActiveToken {
  readonly active: true;
  readonly client_id: string;
  readonly username?: string;
  readonly scope?: string;
  readonly token_type: "Bearer" | "refresh_token";
  readonly exp: number;
  readonly iat: number;
  readonly sub: string;
  readonly aud: string;
  readonly iss: string;
  readonly jti?: string;
  readonly sid?: string;
}

/** The member that names a user who has an address. */
export function username(email: string | null): { readonly username?: string } {
  return email === null ? {} : { username: email };
}

/** An access or session token of our own, judged by the store whatever its strategy: also where a check would not ask. */
export async function introspectCredential(
  context: ApiContext,
  value: string,
): Promise<ActiveToken | undefined> {
  const judged = await context.judge(value, [...context.settings.clients.values()]);
  const loaded = judged?.result.ok ? await judged.result.load() : undefined;
  if (judged === undefined || !loaded?.ok) return undefined;
  const { issuer: iss, audience: aud } = context.settings;
  const { id: sid, userId: sub, client: client_id, createdAt, expiresAt } = loaded.session;
  const about = { client_id, ...username(loaded.user.email), token_type: "Bearer", sub, aud, iss } as const;
  if (judged.token.kind === "session") {
    return { active: true, ...about, exp: toSeconds(expiresAt), iat: toSeconds(createdAt), sid };
  }
  const { exp, iat, jti } = judged.token.claims;
  return { active: true, ...about, exp, iat, jti, sid };
}

/**
 * A refresh token that would be answered with a pair of tokens. Its type and audience say that it is good for this
 * server's own token endpoint and nothing else: whoever takes `active` for "signed in" should look at either.
 */
export async function introspectRefreshToken(
  context: ApiContext,
  value: string,
): Promise<ActiveToken | undefined> {
  const { clients, issuer, refresh } = context.settings;
  const { macs } = await context.keyring();
  const token = await checkRefreshToken(macs.refresh, [...clients.keys()], value);
  if (token === undefined) return undefined;
  const read = await context.store.readSession(token.id);
  const judged = judgeSession(read, token.client);
  const now = await context.keyringSince(read.keysVersion);
  if (!judged.ok || !(await isProofOf(now.macs.refresh, token, judged.session))) return undefined;
  const { session, user } = judged;
  if (!isCurrent(session, token.generation, read.now, refresh.grace * 1000)) return undefined;
  return {
    active: true,
    client_id: session.client,
    ...username(user.email),
    token_type: "refresh_token",
    exp: toSeconds(endOf(session)),
    iat: toSeconds(session.rotatedAt),
    sub: user.id,
    aud: issuer,
    iss: issuer,
    sid: session.id,
  };
}

/** The newest, its parent within the grace window, or one that the store has yet to hear of. */
function isCurrent(session: SessionRecord, generation: number, now: number, grace: number): boolean {
  if (generation >= session.generation) return true;
  return generation === session.generation - 1 && now - session.rotatedAt < grace;
}
