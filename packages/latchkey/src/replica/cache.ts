import { toSeconds } from "../lib/clock.ts";
import type { SessionId } from "../types.ts";
import type { Knowledge } from "./knowledge/knowledge.ts";
import type { Dependent, GlobalState, KeyState, SessionState, UserState } from "./knowledge/states.ts";

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
   * What was found of exactly the string that stands there in `text`, if nothing that is known speaks against it now.
   * Whether what is known can be trusted is not asked here. `carrier` names the transport and, for a cookie, the client.
   */
  find(text: string, from: number, to: number, carrier: string, now: number): Result | undefined;
  remember(token: string, carrier: string, remembered: Remembered<Result>): void;
  clear(): void;
  readonly size: number;
}

/** The members that a check of what is remembered looks at stand first. */
interface Entry<Result> extends Dependent {
  /** The whole string: a part of it, or a hash, would let another one pass. */
  readonly token: string;
  /**
   * The header that it stood in when it was last looked at closely, and where there: a browser sends the same one each time,
   * and nothing needs to be cut out of it. The whole of it is compared.
   */
  text: string;
  from: number;
  to: number;
  readonly carrier: string;
  /** False: something became known of its session or user since it was looked at. */
  fresh: boolean;
  /** The same of what may concern everybody. */
  generation: number;
  /**
   * From when on it is to be looked at again, in whole seconds, rounded down: in Node a small integer, which stands in the
   * entry itself. Milliseconds would lie elsewhere in memory, and be one more place that each check waits for.
   */
  lookAt: number;
  /** Since the hand went by last. */
  used: boolean;
  /** Of the result and its version as they are now. */
  shown: Result;
  version: number;
  until: number;
  useFrom: number;
  readonly remembered: Remembered<Result>;
  session: SessionState | undefined;
  user: UserState | undefined;
  readonly key: KeyState;
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

  function drop(slot: number, entry: Entry<Result>): void {
    const { sessionId, userId } = entry.remembered.issued;
    entries.delete(slot);
    knowledge.release(sessionId, userId, entry);
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

  /** There is news, or something has come to its time. */
  function lookAgain(entry: Entry<Result>, now: number): Result | undefined {
    if (now >= entry.until || !holds(entry, global, now)) return undefined;
    show(entry);
    if (now >= entry.useFrom) noteUse(entry, now);
    entry.lookAt = toSeconds(Math.min(entry.until, entry.useFrom, entry.key.retiresAt));
    entry.generation = global.generation;
    entry.fresh = true;
    entry.used = true;
    return entry.shown;
  }

  return {
    find(text, from, to, carrier, now) {
      const entry = entries.get(slotOf(text, to));
      if (entry === undefined || entry.carrier !== carrier) return undefined;
      const isWhereItWas = entry.from === from && entry.to === to && entry.text === text;
      if (!isWhereItWas && text.slice(from, to) !== entry.token) return undefined;
      if (!entry.fresh || entry.generation !== global.generation || now >= entry.lookAt * 1000) {
        if (!isWhereItWas) place(entry, text, from, to);
        return lookAgain(entry, now);
      }
      entry.used = true;
      return entry.shown;
    },
    remember(token, carrier, remembered) {
      const slot = slotOf(token, token.length);
      const before = entries.get(slot);
      if (before !== undefined) drop(slot, before);
      else ring[makeRoom()] = slot;
      const { sessionId, userId, keyId, version } = remembered.issued;
      // One literal without spreads: the engine reads what was made by spreading five times slower (measured).
      const entry: Entry<Result> = {
        token,
        text: token,
        from: 0,
        to: token.length,
        carrier,
        fresh: false,
        generation: 0,
        lookAt: 0,
        used: false,
        shown: remembered.result,
        version,
        until: remembered.until,
        useFrom: remembered.use?.from ?? Number.POSITIVE_INFINITY,
        remembered,
        session: undefined,
        user: undefined,
        key: keyId === null ? neverRetired : knowledge.keyState(keyId),
      };
      const { session, user } = knowledge.depend(sessionId, userId, entry);
      entry.session = session;
      entry.user = user;
      entries.set(slot, entry);
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

/** Whether nothing that is known speaks against it. */
function holds(
  { remembered: { issued }, session, user, key, version }: Entry<unknown>,
  global: GlobalState,
  now: number,
): boolean {
  return (
    (session?.epoch ?? 0) <= issued.sessionEpoch &&
    (user?.epoch ?? 0) <= issued.userEpoch &&
    global.epoch <= issued.globalEpoch &&
    // A ban that was heard of before the user was read is no news (P15).
    ((user?.version ?? 0) <= version || (user?.bannedUntil ?? 0) <= now) &&
    key.retiresAt > now
  );
}

/** Roles that were changed since, without a look-up and without a new credential (P15). */
function show<Result>(entry: Entry<Result>): void {
  const { user, version, remembered } = entry;
  if (user === undefined || user.version <= version) return;
  entry.shown = remembered.withRoles(user.roles);
  entry.version = user.version;
}

function noteUse(entry: Entry<unknown>, now: number): void {
  const used = entry.remembered.use?.note(now);
  entry.useFrom = used?.from ?? Number.POSITIVE_INFINITY;
  entry.until = used?.until ?? entry.until;
}

/** The most that may stand beside a credential in a header that is kept: all of it is compared each time. */
const mostBeside = 512;

/** What was cut out on the long way stands in no header as it comes. */
function place(entry: Entry<unknown>, text: string, from: number, to: number): void {
  if (from === 0 || text.length - (to - from) > mostBeside) return;
  entry.text = text;
  entry.from = from;
  entry.to = to;
}

/** 30 bits of five characters before its end; the last one of a signature may hold less than six. */
function slotOf(text: string, to: number): number {
  const end = to - 1;
  return (
    ((text.charCodeAt(end - 1) & 63) << 24) |
    ((text.charCodeAt(end - 2) & 63) << 18) |
    ((text.charCodeAt(end - 3) & 63) << 12) |
    ((text.charCodeAt(end - 4) & 63) << 6) |
    (text.charCodeAt(end - 5) & 63)
  );
}
