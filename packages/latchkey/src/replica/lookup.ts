import { LatchkeyError } from "../errors.ts";
import type { SessionId, SessionRead, Store } from "../types.ts";

/** Asks the store what a stale process does not know any more. */
export type Lookup = (id: SessionId, userId: string | undefined) => Promise<SessionRead>;

/** Most questions at once. Beyond it the answer is that nobody can tell: a store in trouble is not stormed. */
const most = 64;
/** How long nobody is asked after the store did not answer, in milliseconds. */
const broken = 250;

interface Flight {
  readonly running: Promise<SessionRead>;
  /** For all who came after it had set off. */
  next: Promise<SessionRead> | undefined;
}

/**
 * One question at a time for each session. Whoever asks while one is under way is not answered by it, for it may have
 * been read before what this caller must see; all of them share the next one.
 *
 * @throws LatchkeyError `cannot_tell` if the store does not answer, or too many ask
 */
export function makeLookup(store: Pick<Store, "readSession">, monotonic: () => number): Lookup {
  const flights = new Map<string, Flight>();
  let brokenUntil = Number.NEGATIVE_INFINITY;

  async function ask(id: SessionId, userId: string | undefined): Promise<SessionRead> {
    if (monotonic() < brokenUntil) throw cannotTell("the store did not answer a moment ago");
    try {
      return await store.readSession(id, userId);
    } catch (error) {
      brokenUntil = monotonic() + broken;
      throw error;
    }
  }

  function setOff(key: string, id: SessionId, userId: string | undefined): Promise<SessionRead> {
    const running = ask(id, userId);
    const flight: Flight = { running, next: undefined };
    flights.set(key, flight);
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    running.then(land, land);
    return running;
  }

  return (id, userId) => {
    const key = `${id} ${userId ?? ""}`;
    const flight = flights.get(key);
    if (flight !== undefined) {
      const set = (): Promise<SessionRead> => setOff(key, id, userId);
      flight.next ??= flight.running.then(set, set);
      return flight.next;
    }
    if (flights.size >= most) return Promise.reject(cannotTell(`${most} look-ups are under way`));
    return setOff(key, id, userId);
  };
}

function cannotTell(detail: string): LatchkeyError {
  return new LatchkeyError("cannot_tell", detail, { retryAfter: 1 });
}
