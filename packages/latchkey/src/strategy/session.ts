import { sessionFamily } from "./session/family.ts";
import { judgeToken, verified } from "./session/judged.ts";
import type { Strategy, StrategyContext } from "./strategy.ts";

/**
 * An opaque token, looked up in the store on every check: one read, and a revocation is seen at once.
 */
export function sessionStrategy(context: StrategyContext): Strategy {
  return sessionFamily(context, {
    name: "session",
    async verify(token, client, stands) {
      const judged = await judgeToken(await context.store.readSession(token.id), token, client, stands);
      if (!judged.ok) return judged;
      context.touch(judged.session, judged.now);
      return verified(context, judged, token, client, stands);
    },
  });
}
