import { type Refusal, refuse } from "../../errors.ts";
import { judgeSession, type LiveSession } from "../../session/judge.ts";
import { loaded, publicSession, viewSession } from "../../session/view.ts";
import { type CheckedSessionToken, isSecretOf } from "../../token/opaque.ts";
import type { Client, Loaded, SessionRead } from "../../types.ts";
import type { Stands, StrategyContext, Verified } from "../strategy.ts";

/** What a read of the store says of a token. */
export async function judgeToken(
  read: SessionRead,
  { secret }: CheckedSessionToken,
  client: Client,
  stands: Stands,
): Promise<LiveSession | Refusal> {
  if (!(await stands(read.keysVersion))) return refuse("credential_invalid");
  const judged = judgeSession(read, client.name);
  if (!judged.ok) return judged;
  // The mark was ours, so an unknown random part is an earlier token of this session (P3), not a guess.
  return (await isSecretOf(secret, judged.session.tokenHash)) ? judged : refuse("credential_renewed");
}

/** What a check shows of a session that holds. */
export function verified(
  { store, settings }: StrategyContext,
  { session, user }: LiveSession,
  token: CheckedSessionToken,
  client: Client,
  stands: Stands,
): Verified {
  const load = async (): Promise<Loaded | Refusal> => {
    const again = await judgeToken(await store.readSession(token.id), token, client, stands);
    return again.ok ? loaded(settings, again, publicSession(again.session)) : again;
  };
  return {
    ok: true,
    user: { id: user.id, roles: user.roles },
    session: viewSession(session),
    load,
    issued: {
      ...{ sessionId: session.id, userId: user.id, sessionEpoch: session.epoch, keyId: null },
      ...{ globalEpoch: session.globalEpoch, userEpoch: session.userEpoch, version: user.version },
    },
  };
}
