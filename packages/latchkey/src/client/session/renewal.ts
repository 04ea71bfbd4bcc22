import type { Keeper } from "../keep/keeper.ts";
import type { Wire } from "../request/wire.ts";
import { now, shared, sleep } from "../time.ts";
import type { ClientRefusal, SessionInfo } from "../types.ts";
import { isDefinite, readInfo, unexpected } from "./verdict.ts";

/**
 * Renews the credential, unless that has happened since the given time (`now()`). However many ask, it is done once; of
 * several tabs that do it at once each gets the same from the server (P19, P20).
 */
export type Renewal = (since: number) => Promise<true | ClientRefusal>;

const attempts = 3;

/** What is longer than this (seconds) is not waited for while somebody waits for us. */
const patience = 5;

/** How long before another attempt; too long where there is to be none. */
function secondsToWait(refusal: ClientRefusal, count: number): number {
  // Another tab changed the password, and its answer is still on the way.
  if (refusal.code === "credential_renewed" && count === 1) return 1;
  if (isDefinite(refusal) || count === attempts) return patience + 1;
  return refusal.retryAfter ?? 0.2 * count * (1 + Math.random());
}

export function makeRenewal(
  wire: Wire,
  keeper: Keeper,
  onRenewed: (info: SessionInfo, expiresIn: number | undefined) => void,
): Renewal {
  async function attempt(): Promise<true | ClientRefusal> {
    const key = await keeper.renewalKey();
    const sentAt = now();
    const answer = await wire("/refresh", {
      body: keeper.refreshBody(),
      headers: { "idempotency-key": key },
    });
    if (!answer.ok) return answer;
    const info = readInfo(answer.body);
    if (info === undefined) return unexpected;
    await keeper.keep(answer.body as object, sentAt, true);
    onRenewed(info, (answer.body as { expiresIn?: number }).expiresIn);
    return true;
  }

  async function renew(since: number): Promise<true | ClientRefusal> {
    for (let count = 1; ; count++) {
      await keeper.load(true);
      if (keeper.changedAt() > since) return true;
      if (!keeper.canRenew()) return { ok: false, code: "credential_missing", status: 401 };
      const outcome = await attempt();
      if (outcome === true) return true;
      const wait = secondsToWait(outcome, count);
      if (wait > patience) {
        await keeper.load(true);
        return keeper.changedAt() > since || outcome;
      }
      await sleep(wait * 1000);
    }
  }

  return shared(renew);
}
