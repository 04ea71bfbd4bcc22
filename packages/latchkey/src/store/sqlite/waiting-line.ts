import { LatchkeyError } from "../../errors.ts";
import { isBusy } from "./fault.ts";

/** Those who wait for a lock that somebody else holds, first come first served. */
export interface WaitingLine {
  /** Attempts at once, or in turn once those before are through. After the limit it is not attempted any more. */
  run<T>(attempt: () => T): Promise<T>;
}

/** Makes one attempt; `false` if the lock is still held. */
interface Waiting {
  readonly deadline: number;
  attempt(): boolean;
  giveUp(): void;
}

/** How long a turn may hold the event loop while many wait, in ms. */
const turn = 5;

/**
 * SQLite's own waiting (`busy_timeout`) blocks the event loop, so nobody waits there. Here one timer asks for
 * all: a thousand who wait cost no more than one, and nobody is overtaken.
 */
export function makeWaitingLine(path: string, limit: number): WaitingLine {
  const line: Waiting[] = [];

  function serve(): void {
    const until = performance.now() + turn;
    for (let next = line[0]; next !== undefined; next = line[0]) {
      const now = performance.now();
      if (now > next.deadline) next.giveUp();
      else if (now > until || !next.attempt()) break;
      line.shift();
    }
    if (line.length > 0) setTimeout(serve, pause());
  }

  function enter<T>(attempt: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let held: unknown;
      line.push({
        deadline: performance.now() + limit,
        attempt: () => {
          try {
            resolve(attempt());
          } catch (error) {
            held = error;
            if (isBusy(error)) return false;
            reject(error);
          }
          return true;
        },
        giveUp: () => {
          const detail = `the database ${path} stayed locked for ${limit} ms`;
          reject(new LatchkeyError("cannot_tell", detail, { cause: held, retryAfter: 1 }));
        },
      });
      if (line.length === 1) setTimeout(serve, pause());
    });
  }

  async function run<T>(attempt: () => T): Promise<T> {
    if (line.length > 0) return enter(attempt);
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      return enter(attempt);
    }
  }

  return { run };
}

/** Milliseconds; uneven, so that two processes do not keep in step. */
function pause(): number {
  return 1 + Math.random() * 5;
}
