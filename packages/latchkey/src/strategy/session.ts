import { type Refusal, refuse } from "../errors.ts";
import { makeSessionId } from "../lib/crypto/random.ts";
import { judgeSession } from "../session/judge.ts";
import { publicSession, publicUser, viewSession } from "../session/view.ts";
import type { Keyring } from "../token/keyring.ts";
import {
  type CheckedSessionToken,
  isSecretOf,
  makeSessionSecret,
  makeSessionToken,
} from "../token/opaque.ts";
import type { Client, Loaded, OpenedSession } from "../types.ts";
import type { Issued, Strategy, StrategyContext, Verified } from "./strategy.ts";

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

    async issue(keyring, client, { remembered, ...arrival }, open) {
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
      return opened.ok ? issued(keyring, client, secret, opened) : opened;
    },

    async verify(token, client) {
      return token.kind === "session" ? verify(context, token, client) : refuse("credential_invalid");
    },

    async renew(keyring, client, session, step) {
      const { secret, hash } = await makeSessionSecret();
      const opened = await step({ id: session.id, tokenHash: hash });
      return opened.ok ? issued(keyring, client, secret, opened) : opened;
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
): Promise<Verified | Refusal> {
  const read = await context.store.readSession(token.id);
  const judged = judgeSession(read, client.name);
  if (!judged.ok) return judged;
  const { session, user } = judged;
  // The mark was ours, so an unknown random part is an earlier token of this session (P3), not a guess.
  if (!(await isSecretOf(token.secret, session.tokenHash))) return refuse("credential_renewed");
  context.touch(session, read.now);
  const load = (): Promise<Loaded | Refusal> => loadSession(context, token, client);
  return { ok: true, user: { id: user.id, roles: user.roles }, session: viewSession(session), load };
}

async function loadSession(
  context: StrategyContext,
  { id, secret }: CheckedSessionToken,
  client: Client,
): Promise<Loaded | Refusal> {
  const judged = judgeSession(await context.store.readSession(id), client.name);
  if (!judged.ok) return judged;
  if (!(await isSecretOf(secret, judged.session.tokenHash))) return refuse("credential_renewed");
  return { ok: true, user: publicUser(judged.user, judged.now), session: publicSession(judged.session) };
}

async function issued(
  keyring: Keyring,
  client: Client,
  secret: string,
  opened: OpenedSession,
): Promise<Issued> {
  const { session, now } = opened;
  if (session === null) throw new TypeError("the store opened no session where one was asked for");
  const value = await makeSessionToken(keyring.macs.session, { id: session.id, secret, client: client.name });
  const expiresIn = Math.floor((session.expiresAt - now) / 1000);
  return { ok: true, opened, session: publicSession(session), token: { kind: "session", value }, expiresIn };
}
