import { LatchkeyError } from "../../../errors.ts";
import { isBusy } from "../fault.ts";

/** Those who wait for a lock, first come first served. */
export interface WaitingLine {
  /** Attempts at once, or in turn once those before are through. */
  run<T>(attempt: () => T): Promise<T>;
}

/** How long, in ms. */
export interface Patience {
  /** Who has waited as long and still finds the lock held by somebody else gets `cannot_tell`. */
  readonly locked: number;
  /** Attempts may follow each other without a pause. Default: for ever. */
  readonly stretch?: number;
}

/** Nothing is attempted as long after it was asked for, even where nobody could ask earlier (P32). In ms. */
const deadline = 2000;

/** One who waits. */
interface Waiting {
  readonly since: number;
  /** Makes one attempt; `false` if the lock is held. */
  attempt(): boolean;
  giveUp(): void;
}

/**
 * SQLite's own waiting (`busy_timeout`) blocks the event loop, so nobody waits there. Here one timer asks for all: a
 * thousand who wait cost no more than one, and nobody is overtaken. And as SQLite's lock goes to whoever asks at the
 * right moment, a busy process pauses after each stretch, so that it does not starve the others.
 */
export function makeWaitingLine(path: string, { locked, stretch = Infinity }: Patience): WaitingLine {
  const line: Waiting[] = [];
  let stretchStart = 0;
  let lastEnd = 0;

  /** Whether others had a chance lately; if not, the next attempt is to wait for its turn. */
  function mayGoOn(): boolean {
    const now = performance.now();
    if (now - lastEnd >= 1) stretchStart = now;
    return now - stretchStart < stretch;
  }

  /** Those who came first have waited longest. */
  function dismiss(limit: number): void {
    const now = performance.now();
    while (line[0] !== undefined && now - line[0].since > limit) line.shift()?.giveUp();
  }

  function serve(): void {
    dismiss(deadline);
    while (line[0] !== undefined && mayGoOn()) {
      if (!line[0].attempt()) {
        dismiss(locked);
        break;
      }
      lastEnd = performance.now();
      line.shift();
    }
    if (line.length > 0) setTimeout(serve, pause());
  }

  function enter<T>(attempt: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      line.push(makeWaiting(path, { attempt, resolve, reject }));
      if (line.length === 1) setTimeout(serve, pause());
    });
  }

  async function run<T>(attempt: () => T): Promise<T> {
    if (line.length > 0 || !mayGoOn()) return enter(attempt);
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      return enter(attempt);
    } finally {
      lastEnd = performance.now();
    }
  }

  return { run };
}

interface Work<T> {
  readonly attempt: () => T;
  readonly resolve: (result: T) => void;
  readonly reject: (error: unknown) => void;
}

function makeWaiting<T>(path: string, { attempt, resolve, reject }: Work<T>): Waiting {
  const since = performance.now();
  let held: unknown;
  return {
    since,
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
      const detail = `the database ${path} was locked or busy for ${Math.round(performance.now() - since)} ms`;
      reject(new LatchkeyError("cannot_tell", detail, { cause: held, retryAfter: 1 }));
    },
  };
}

/** Milliseconds; uneven, so that two processes do not keep in step. */
function pause(): number {
  return 1 + Math.random() * 1.5;
}
