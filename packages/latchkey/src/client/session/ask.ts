import type { Given, Keeper } from "../keep/keeper.ts";
import type { Wire } from "../request/wire.ts";
import { now, sleep } from "../time.ts";
import type { ClientRefusal, SessionInfo } from "../types.ts";
import type { Renewal } from "./renewal.ts";
import { isDefinite, readInfo, unexpected } from "./verdict.ts";

/** What the server says: somebody, nobody (as of when it was asked), or that it cannot tell. */
export type Said =
  | { readonly ok: true; readonly info: SessionInfo | null; readonly sentAt: number }
  | ClientRefusal;

/** Asks the server who is signed in, renewing the credential where it has expired. */
export async function askWho(wire: Wire, keeper: Keeper, renew: Renewal): Promise<Said> {
  for (let count = 1; ; count++) {
    const sentAt = now();
    if (!(await keeper.load(true))) return { ok: true, info: null, sentAt };
    const answer = await wire("/get-session", { headers: keeper.headers() });
    if (answer.ok) {
      const info = answer.body === null ? null : readInfo(answer.body);
      if (info) await keeper.keep({ expiresIn: (answer.body as Given).expiresIn }, sentAt, false);
      return info === undefined ? unexpected : { ok: true, info, sentAt };
    }
    const refusal = await judge(answer, count, sentAt);
    if (refusal !== undefined) return isDefinite(refusal) ? { ok: true, info: null, sentAt } : refusal;
  }

  /** Undefined: it is worth another attempt. */
  async function judge(
    answer: ClientRefusal,
    count: number,
    sentAt: number,
  ): Promise<ClientRefusal | undefined> {
    if (answer.status !== 401 || count === 3) return answer;
    if (answer.code === "credential_renewed" && count === 1) {
      // Another tab changed the password, and its answer is still on the way.
      await sleep(1000);
      return undefined;
    }
    if (!keeper.canRenew()) return answer;
    const outcome = await renew(sentAt);
    return outcome === true ? undefined : outcome;
  }
}
