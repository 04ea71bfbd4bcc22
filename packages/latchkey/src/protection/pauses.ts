import type { RateLimits } from "../types.ts";
import { type Begun, nothing, type Refused } from "./attempt.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";

/** Counts failures in a row by key, and makes whoever goes on wait longer each time. */
export interface Pauses {
  /** Counts the attempt as a failure before it is made: attempts made at once cannot all see the same count. */
  begin(key: string): Promise<Begun | Refused>;
  /** Milliseconds until the next attempt may be made; 0: now. */
  wait(key: string): Promise<number>;
}

/** The count of failures refuses nobody by itself, the pauses do. */
const unlimited = 1_000_000_000;

/**
 * The first failures follow each other freely. With the last of them the pauses begin: one attempt after each, every
 * pause twice as long as the one before, up to the longest. What comes during a pause is refused, is not counted and
 * does not lengthen it.
 */
export function makePauses(limits: RateLimits): Pauses {
  const { attempts, memory, firstPause, longestPause } = limits.perAccount;
  const limiter = (keyPrefix: string, points: number, duration: number): Limiter =>
    makeLimiter({ keyPrefix, points, duration }, limits.limiter);
  const failures = limiter("latchkey-failures", unlimited, memory);
  const pauses = limiter("latchkey-pause", 1, firstPause);
  const succeed = (key: string): Promise<unknown> => Promise.all([failures.forget(key), pauses.forget(key)]);
  return {
    async begin(key) {
      const wait = await pauses.wait(key);
      if (wait > 0) return { ok: false, wait };
      const { count } = await failures.take(key);
      if (count < attempts) {
        const takeBack = (): Promise<unknown> => failures.giveBack(key);
        return { ok: true, succeed: () => succeed(key), fail: nothing, takeBack };
      }
      // Of several that come together as a pause ends one begins the next pause, and passes.
      const length = Math.min(longestPause, firstPause * 2 ** (count - attempts));
      const pause = await pauses.take(key, length);
      if (!pause.ok) return { ok: false, wait: pause.wait };
      const takeBack = (): Promise<unknown> => Promise.all([failures.giveBack(key), pauses.forget(key)]);
      return { ok: true, succeed: () => succeed(key), fail: nothing, takeBack };
    },
    wait: (key) => pauses.wait(key),
  };
}
