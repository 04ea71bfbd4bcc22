import { type Refusal, refuse } from "../../errors.ts";
import { type CheckedRefreshToken, isProofOf } from "../../token/refresh.ts";
import type { Client, RefreshOutcome } from "../../types.ts";
import type { Issued, RefreshCall, StrategyContext } from "../strategy.ts";
import { issued } from "./issued.ts";

/**
 * Answers a refresh token with the one of the session's generation and a new access token (RFC 9700, section 4.14.2).
 * The proof is checked against what one read shows; the step that follows is bound to that session epoch, and decides
 * alone what is new, what is a repetition and what is theft.
 */
export async function refresh(
  context: StrategyContext,
  client: Client,
  token: CheckedRefreshToken,
  { rotationKey, audit }: RefreshCall,
): Promise<(Issued & { readonly outcome: RefreshOutcome }) | Refusal> {
  const { session, user, keysVersion } = await context.store.readSession(token.id);
  if (session === undefined || session.endedAt !== null) return refuse("session_ended");
  const { macs } = await context.keyringSince(keysVersion);
  if (!(await isProofOf(macs.refresh, token, session))) return refuse("credential_renewed");
  // A ban, a deletion or other roles in the application's own table are in the store before it judges.
  await context.accounts.bringUpToDate(user);
  const refreshed = await context.store.refreshSession({
    id: token.id,
    generation: token.generation,
    epoch: session.epoch,
    client: client.name,
    grace: context.settings.refresh.grace * 1000,
    rotationKey,
    audit: { ...audit, userId: session.userId, sessionId: session.id },
  });
  if (!refreshed.ok) return refuse(refreshed.code === "session_expired" ? "refresh_expired" : refreshed.code);
  const { id, authTime, amr, ip, userAgent } = refreshed.session;
  const answer = await issued(context, client, refreshed, { id, authTime, amr, ip, userAgent });
  return { ...answer, outcome: refreshed.outcome };
}
