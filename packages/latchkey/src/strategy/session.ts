import { type Refusal, refuse } from "../errors.ts";
import { makeSessionId } from "../lib/crypto/random.ts";
import { judgeSession, type LiveSession } from "../session/judge.ts";
import { publicSession, publicUser, viewSession } from "../session/view.ts";
import {
  type CheckedSessionToken,
  isSecretOf,
  makeSessionSecret,
  makeSessionToken,
} from "../token/opaque.ts";
import type { Client, Loaded, OpenedSession } from "../types.ts";
import type { Issued, Stands, Strategy, StrategyContext, Verified } from "./strategy.ts";

/**
 * An opaque token, looked up in the store on every check: one read, and a revocation is seen at once.
 */
export function sessionStrategy(context: StrategyContext): Strategy {
  const { store, settings } = context;
  return {
    name: "session",
    carries: "session",
    refreshes: false,
    keepsSession: () => true,

    async issue(client, { remembered, ...arrival }, open) {
      const { secret, hash } = await makeSessionSecret();
      const { idleTimeout, expiresIn, expiresInNotRemembered } = settings.session;
      const opened = await open({
        ...arrival,
        id: makeSessionId(),
        client: client.name,
        tokenHash: hash,
        refreshSalt: null,
        expiresIn: remembered ? expiresIn : Math.min(expiresIn, expiresInNotRemembered),
        idleTimeout,
      });
      return opened.ok ? issued(context, client, secret, opened) : opened;
    },

    async verify(token, client, stands) {
      return token.kind === "session" ? verify(context, token, client, stands) : refuse("credential_invalid");
    },

    async renew(client, session, step) {
      const { secret, hash } = await makeSessionSecret();
      const opened = await step({ id: session.id, tokenHash: hash });
      return opened.ok ? issued(context, client, secret, opened) : opened;
    },

    async refresh() {
      return refuse("credential_invalid");
    },

    async revoke(_, session, { reason, audit }) {
      return { ok: true, ended: await store.endSession(session.id, reason, { audit }) };
    },
  };
}

async function verify(
  context: StrategyContext,
  token: CheckedSessionToken,
  client: Client,
  stands: Stands,
): Promise<Verified | Refusal> {
  const judged = await judge(context, token, client, stands);
  if (!judged.ok) return judged;
  const { session, user, now } = judged;
  context.touch(session, now);
  const load = async (): Promise<Loaded | Refusal> => {
    const again = await judge(context, token, client, stands);
    if (!again.ok) return again;
    return { ok: true, user: publicUser(again.user, again.now), session: publicSession(again.session) };
  };
  return { ok: true, user: { id: user.id, roles: user.roles }, session: viewSession(session), load };
}

async function judge(
  { store }: StrategyContext,
  { id, secret }: CheckedSessionToken,
  client: Client,
  stands: Stands,
): Promise<LiveSession | Refusal> {
  const read = await store.readSession(id);
  if (!(await stands(read.keysVersion))) return refuse("credential_invalid");
  const judged = judgeSession(read, client.name);
  if (!judged.ok) return judged;
  // The mark was ours, so an unknown random part is an earlier token of this session (P3), not a guess.
  return (await isSecretOf(secret, judged.session.tokenHash)) ? judged : refuse("credential_renewed");
}

async function issued(
  { keyringSince }: StrategyContext,
  client: Client,
  secret: string,
  opened: OpenedSession,
): Promise<Issued> {
  const { session, now } = opened;
  if (session === null) throw new TypeError("the store opened no session where one was asked for");
  const { macs } = await keyringSince(opened.keysVersion);
  const value = await makeSessionToken(macs.session, { id: session.id, secret, client: client.name });
  const expiresIn = Math.floor((session.expiresAt - now) / 1000);
  return { ok: true, opened, session: publicSession(session), token: { kind: "session", value }, expiresIn };
}
