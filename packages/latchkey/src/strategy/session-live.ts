import { refuse } from "../errors.ts";
import type { LiveSession } from "../session/judge.ts";
import { sessionFamily } from "./session/family.ts";
import { judgeToken, verified } from "./session/judged.ts";
import type { Strategy, StrategyContext, ToRemember } from "./strategy.ts";
import { touchInterval } from "./touch.ts";

/**
 * An opaque token, looked up in the store once and then remembered: no read for a check of what is remembered, and a
 * revocation is seen within `maxStaleness`, usually within milliseconds, as the process follows the change log.
 */
export function sessionLiveStrategy(context: StrategyContext): Strategy {
  const { store, live } = context;
  return sessionFamily(context, {
    name: "session-live",
    async verify(token, client, stands) {
      const isCurrent = live.decides();
      // What has ended stays so: the store need not be asked.
      if (live.hasEnded(token.id)) return refuse("session_ended");
      const read = isCurrent ? await store.readSession(token.id) : await live.lookup(token.id, undefined);
      const judged = await judgeToken(read, token, client, stands);
      if (!judged.ok) return judged;
      context.touch(judged.session, judged.now);
      return { ...verified(context, judged, token, client, stands), remember: toRemember(context, judged) };
    },
  });
}

/** Until its limits by what was read; each use, noted now and then, moves the idle one. */
function toRemember({ touch }: StrategyContext, { session, now }: LiveSession): ToRemember {
  const { id, expiresAt, idleTimeout } = session;
  const limitAfter = (use: number): number =>
    idleTimeout === null ? expiresAt : Math.min(expiresAt, use + idleTimeout * 1000);
  const interval = touchInterval(idleTimeout);
  let lastSeenAt = now - session.lastSeenAt >= interval ? now : session.lastSeenAt;
  return {
    until: limitAfter(session.lastSeenAt),
    use: {
      from: lastSeenAt + interval,
      note(at) {
        touch({ id, idleTimeout, lastSeenAt }, at);
        lastSeenAt = at;
        return { from: at + interval, until: limitAfter(at) };
      },
    },
  };
}
