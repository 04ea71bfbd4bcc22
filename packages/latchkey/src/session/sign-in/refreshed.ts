import { isProofOf } from "../../token/refresh.ts";
import type { RequestLike } from "../../types.ts";
import type { ApiContext, HeldSession } from "../context.ts";
import { viewSession } from "../view.ts";
import { clientOf } from "./answer.ts";
import { checkRefreshTokens, refreshCredentials } from "./refresh.ts";

/** The sessions whose refresh tokens a request carries. Whoever holds one may sign it out, not only refresh it. */
export async function refreshedSessions(
  context: ApiContext,
  refreshToken: string | undefined,
  request: RequestLike,
): Promise<readonly HeldSession[]> {
  const found = refreshCredentials(context.settings.clients, refreshToken, request);
  const tokens = found === "refused" ? [] : await checkRefreshTokens(context, found);
  const held: HeldSession[] = [];
  for (const token of tokens) {
    const { session, keysVersion } = await context.store.readSession(token.id);
    const { macs } = await context.keyringSince(keysVersion);
    if (session === undefined || !(await isProofOf(macs.refresh, token, session))) continue;
    const client = clientOf(context, token.client);
    const strategy = context.strategies[client.strategy];
    held.push({ client, strategy, session: viewSession(session), stored: true });
  }
  return held;
}
