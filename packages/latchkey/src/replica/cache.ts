import type { SessionId } from "../types.ts";
import type { Knowledge } from "./knowledge/knowledge.ts";
import type { GlobalState, KeyState, SessionState, UserState } from "./knowledge/states.ts";

/** What a credential was issued under: what is known may not be beyond it. */
export interface Issued {
  readonly sessionId: SessionId;
  readonly userId: string;
  readonly globalEpoch: number;
  readonly userEpoch: number;
  readonly sessionEpoch: number;
  /** The user's version from which roles and status were taken. */
  readonly version: number;
  /** The key that signed it; null: what marks it is never retired. */
  readonly keyId: string | null;
}

/** A credential that was checked, as it is to be remembered. */
export interface Remembered<Result> {
  readonly issued: Issued;
  /** Until when the check needs not be made anew, in milliseconds since 1970. */
  readonly until: number;
  /** Notes, where that is wanted, that the credential is used; not before `from`. Gives both times as they are then. */
  readonly use?: { readonly from: number; readonly note: (now: number) => Use };
  readonly result: Result;
  /** The same with other roles. */
  readonly withRoles: (roles: readonly string[]) => Result;
}

/** When the credential's use is to be noted again, and until when it is good after this use. */
export interface Use {
  readonly from: number;
  readonly until: number;
}

/** Checked credentials of one `latchkey()`. */
export interface CredentialCache<Result> {
  /**
   * What was found of exactly this string, if nothing that is known speaks against it now. Whether what is known can
   * be trusted is not asked here. `carrier` names the transport and, for a cookie, the client.
   */
  find(token: string, carrier: string, now: number): Result | undefined;
  remember(token: string, carrier: string, remembered: Remembered<Result>): void;
  clear(): void;
  readonly size: number;
}

interface Entry<Result> extends Omit<Remembered<Result>, "until"> {
  /** The whole string: a part of it, or a hash, would let another one pass. */
  readonly token: string;
  readonly carrier: string;
  readonly session: SessionState;
  readonly user: UserState;
  readonly key: KeyState;
  /** Of `result` and `version` as they are now. */
  shown: Result;
  version: number;
  until: number;
  useFrom: number;
  /** Since the hand went by last. */
  used: boolean;
}

/**
 * Bounded; of those that were not used lately one makes room (second chance). Found by five characters near the end of
 * the string, which are a signature's or a mark's: whoever cannot forge one cannot choose them, and a collision costs
 * one place in the cache.
 */
export function makeCredentialCache<Result>(knowledge: Knowledge, capacity: number): CredentialCache<Result> {
  const entries = new Map<number, Entry<Result>>();
  const ring: (number | undefined)[] = [];
  let hand = 0;
  const { global } = knowledge;

  function drop(slot: number, { issued }: Entry<Result>): void {
    entries.delete(slot);
    knowledge.release(issued.sessionId, issued.userId);
  }

  /** The place in the ring for one more. */
  function makeRoom(): number {
    if (ring.length < capacity) return ring.push(undefined) - 1;
    for (;;) {
      const at = hand;
      hand = (hand + 1) % capacity;
      const slot = ring[at];
      const entry = slot === undefined ? undefined : entries.get(slot);
      if (slot === undefined || entry === undefined) return at;
      if (!entry.used) {
        drop(slot, entry);
        return at;
      }
      entry.used = false;
    }
  }

  return {
    find(token, carrier, now) {
      const entry = entries.get(slotOf(token));
      if (entry === undefined || entry.token !== token || entry.carrier !== carrier) return undefined;
      if (now >= entry.until || !holds(entry, global, now)) return undefined;
      if (entry.user.version > entry.version) show(entry);
      if (now >= entry.useFrom) noteUse(entry, now);
      entry.used = true;
      return entry.shown;
    },
    remember(token, carrier, remembered) {
      const slot = slotOf(token);
      const before = entries.get(slot);
      if (before !== undefined) drop(slot, before);
      else ring[makeRoom()] = slot;
      const { sessionId, userId, keyId, version } = remembered.issued;
      entries.set(slot, {
        ...remembered,
        ...{ token, carrier, version, shown: remembered.result, used: false },
        useFrom: remembered.use?.from ?? Number.POSITIVE_INFINITY,
        session: knowledge.holdSession(sessionId),
        user: knowledge.holdUser(userId),
        key: keyId === null ? neverRetired : knowledge.keyState(keyId),
      });
    },
    clear() {
      for (const [slot, entry] of entries) drop(slot, entry);
      ring.length = 0;
      hand = 0;
    },
    get size() {
      return entries.size;
    },
  };
}

const neverRetired: KeyState = { retiresAt: Number.POSITIVE_INFINITY };

/** A few comparisons of numbers: what is known changes in the states that the entry points to. */
function holds(
  { issued, session, user, key, version }: Entry<unknown>,
  global: GlobalState,
  now: number,
): boolean {
  return (
    session.epoch <= issued.sessionEpoch &&
    user.epoch <= issued.userEpoch &&
    global.epoch <= issued.globalEpoch &&
    // A ban that was heard of before the user was read is no news (P15).
    (user.version <= version || user.bannedUntil <= now) &&
    key.retiresAt > now
  );
}

/** Roles that were changed since, without a look-up and without a new credential (P15). */
function show<Result>(entry: Entry<Result>): void {
  entry.shown = entry.withRoles(entry.user.roles);
  entry.version = entry.user.version;
}

function noteUse(entry: Entry<unknown>, now: number): void {
  const { from, until } = entry.use?.note(now) ?? { from: Number.POSITIVE_INFINITY, until: entry.until };
  entry.useFrom = from;
  entry.until = until;
}

/** 30 bits of five characters; the last one of a signature may hold less than six. */
function slotOf(token: string): number {
  const end = token.length - 1;
  return (
    ((token.charCodeAt(end - 1) & 63) << 24) |
    ((token.charCodeAt(end - 2) & 63) << 18) |
    ((token.charCodeAt(end - 3) & 63) << 12) |
    ((token.charCodeAt(end - 4) & 63) << 6) |
    (token.charCodeAt(end - 5) & 63)
  );
}
