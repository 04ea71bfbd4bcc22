import { type Refusal, refuse } from "../../errors.ts";
import { makeSessionId } from "../../lib/crypto/random.ts";
import { publicSession } from "../../session/view.ts";
import { type CheckedSessionToken, makeSessionSecret, makeSessionToken } from "../../token/opaque.ts";
import type { Client, OpenedSession } from "../../types.ts";
import type { Issued, Stands, Strategy, StrategyContext, Verified } from "../strategy.ts";

/** What tells the strategies with opaque tokens apart. */
export interface SessionStrategy {
  readonly name: Strategy["name"];
  readonly verify: (
    token: CheckedSessionToken,
    client: Client,
    stands: Stands,
  ) => Promise<Verified | Refusal>;
}

/** An opaque token with a session row behind it, whatever a check consults. */
export function sessionFamily(context: StrategyContext, { name, verify }: SessionStrategy): Strategy {
  const { store, settings } = context;
  return {
    name,
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
      return token.kind === "session" ? verify(token, client, stands) : refuse("credential_invalid");
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
