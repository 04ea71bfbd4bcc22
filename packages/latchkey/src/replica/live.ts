import { type ErrorCode, LatchkeyError } from "../errors.ts";
import type { Issued } from "./cache.ts";
import type { Currency } from "./currency.ts";
import type { Knowledge } from "./knowledge/knowledge.ts";
import { ended } from "./knowledge/packed.ts";

/** What to do where what is known may be too old. */
export type OnStale = "lookup" | "reject" | "accept";

/** How a check uses what the process knows. */
export interface Live {
  /**
   * Whether what is known may decide at this moment. If not, the store is to be asked.
   *
   * @throws LatchkeyError `stale` where neither is allowed
   */
  decides(): boolean;
  /** What is known against a credential; it counts however old it is. `now`: milliseconds since 1970. */
  against(issued: Issued, now: number): ErrorCode | undefined;
  /** The user's roles, if they were changed since the version given. */
  rolesAfter(userId: string, version: number): readonly string[] | undefined;
}

/** @param maxStaleness milliseconds */
export function makeLive(
  knowledge: Knowledge,
  currency: Currency,
  { maxStaleness, onStale }: { readonly maxStaleness: number; readonly onStale: OnStale },
): Live {
  return {
    decides() {
      if (currency.isWithin(maxStaleness) || onStale === "accept") return true;
      if (onStale === "lookup") return false;
      const age = currency.age();
      const detail = Number.isFinite(age)
        ? `what is known is ${Math.round(age)} ms old`
        : "nothing is known yet";
      throw new LatchkeyError("stale", detail, { retryAfter: 1 });
    },
    against: (issued, now) => against(knowledge, issued, now),
    rolesAfter(userId, version) {
      const user = knowledge.user(userId);
      return user !== undefined && user.version > version ? user.roles : undefined;
    },
  };
}

/** In the order in which the store's word would be judged. */
function against(knowledge: Knowledge, issued: Issued, now: number): ErrorCode | undefined {
  const { sessionId, userId, keyId } = issued;
  if (keyId !== null && knowledge.keyState(keyId).retiresAt <= now) return "credential_invalid";
  const session = knowledge.sessionEpoch(sessionId);
  if (session === ended) return "session_ended";
  const user = knowledge.user(userId);
  if (user !== undefined && user.version > issued.version && user.bannedUntil > now)
    return "account_unavailable";
  if ((user?.epoch ?? -1) > issued.userEpoch || knowledge.global.epoch > issued.globalEpoch)
    return "session_ended";
  return session > issued.sessionEpoch ? "credential_renewed" : undefined;
}
