import { type ErrorCode, LatchkeyError } from "../errors.ts";
import type { SessionId } from "../types.ts";
import type { Issued } from "./cache.ts";
import type { Currency } from "./currency.ts";
import type { Knowledge } from "./knowledge/knowledge.ts";
import { ended } from "./knowledge/packed.ts";
import type { Lookup } from "./lookup.ts";

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
  /**
   * The same without a word where neither is allowed: whether what is remembered may be used. `now`: the wall clock of
   * the replica, where it was just read.
   */
  isCurrent(now?: number): boolean;
  /** Whether changes are kept as long as a token of that life (milliseconds) can be alive (P8). */
  covers(life: number): boolean;
  /** Whether the session is known to have ended: it stays so. */
  hasEnded(id: SessionId): boolean;
  /** Asks the store, within limits. */
  readonly lookup: Lookup;
  /** What is known against a credential; it counts however old it is. `now`: milliseconds since 1970. */
  against(issued: Issued, now: number): ErrorCode | undefined;
  /** The user's roles, if they were changed since the version given. */
  rolesAfter(userId: string, version: number): readonly string[] | undefined;
}

/** What decides with how much of what is known. Times are milliseconds. */
export interface LiveOptions {
  readonly maxStaleness: number;
  readonly onStale: OnStale;
  /** The longest life of a token whose revocation is still known. */
  readonly longestLife: () => number;
  readonly lookup: Lookup;
  /** Told each time a check finds what is known too old. */
  readonly noteStale?: (() => void) | undefined;
}

export function makeLive(knowledge: Knowledge, currency: Currency, options: LiveOptions): Live {
  const { maxStaleness, onStale, longestLife, lookup, noteStale } = options;
  const isCurrent = (now?: number): boolean => currency.isWithin(maxStaleness, now) || onStale === "accept";
  return {
    isCurrent,
    lookup,
    covers: (life) => life <= longestLife(),
    hasEnded: (id) => knowledge.sessionEpoch(id) === ended,
    decides() {
      if (isCurrent()) return true;
      noteStale?.();
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
  if (session > issued.sessionEpoch) return "credential_renewed";
  const user = knowledge.user(userId);
  if (user !== undefined && user.version > issued.version && user.bannedUntil > now)
    return "account_unavailable";
  if ((user?.epoch ?? -1) > issued.userEpoch || knowledge.global.epoch > issued.globalEpoch)
    return "session_ended";
  return undefined;
}
