import { type Refusal, refuse } from "../../errors.ts";
import type { SessionView, Store } from "../../types.ts";
import type { RevokeCall, RevokedSession, StrategyContext } from "../strategy.ts";

/**
 * Ends the session, and with it every refresh. Where checks do not read the store, the access token that is out lives
 * on: `until` says how long at most.
 */
export async function revoke(
  { store, settings, clock }: StrategyContext,
  { keepsSession, recalls }: { readonly keepsSession: boolean; readonly recalls: boolean },
  session: SessionView,
  { stored, reason, audit }: RevokeCall,
): Promise<RevokedSession | Refusal> {
  if (!stored && !keepsSession) return refuse("not_revocable", { until: session.expiresAt });
  const ended = await store.endSession(session.id, reason, { audit });
  if (!ended && recalls) await noteEnd(store, session);
  if (recalls) return { ok: true, ended };
  return { ok: true, ended, until: Math.min(session.expiresAt, clock() + settings.access.expiresIn * 1000) };
}

/** Where the store has lost the session, its tokens live on until it is noted that it has ended (P13). */
async function noteEnd(store: Store, { id, userId }: SessionView): Promise<void> {
  const { session } = await store.readSession(id);
  if (session === undefined) await store.restoreChanges([{ kind: "session_ended", sessionId: id, userId }]);
}
