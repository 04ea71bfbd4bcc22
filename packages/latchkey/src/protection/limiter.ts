import { LatchkeyError } from "../errors.ts";
import type { MakeRateLimiter, RateLimiter, RateLimitRule, RateLimitState } from "../types.ts";

/** What came of asking for a point. */
export interface Taken {
  /** False: the rule's points are used up. */
  readonly ok: boolean;
  /** How many were asked for in this window, this one included. */
  readonly count: number;
  /** Milliseconds until the window is over. */
  readonly wait: number;
}

/** A limiter in our words. Its methods throw `cannot_tell` if it cannot count: nobody is let through unseen. */
export interface Limiter {
  /** `duration`: seconds of the window, if this begins one. */
  take(key: string, duration?: number): Promise<Taken>;
  /** Milliseconds until the key's window is over; 0: it has none. */
  wait(key: string): Promise<number>;
  giveBack(key: string): Promise<void>;
  forget(key: string): Promise<void>;
}

/** The limiter for a rule. It is made by the first call: making it may load code, and in memory it sets timers. */
export function makeLimiter(rule: RateLimitRule, make: MakeRateLimiter | undefined): Limiter {
  let made: Promise<RateLimiter> | undefined;
  const ask = async <Answer>(question: (limiter: RateLimiter) => Promise<Answer>): Promise<Answer> => {
    made ??= make === undefined ? inMemory(rule) : Promise.resolve(make(rule));
    const limiter = await made;
    return question(limiter).catch(fail);
  };
  return {
    take: (key, duration) =>
      ask((limiter) =>
        taken(limiter.consume(key, 1, duration === undefined ? {} : { customDuration: duration })),
      ),
    wait: async (key) => Math.max(0, (await ask((limiter) => limiter.get(key)))?.msBeforeNext ?? 0),
    giveBack: async (key) => void (await ask((limiter) => limiter.reward(key))),
    forget: async (key) => void (await ask((limiter) => limiter.delete(key))),
  };
}

/** Its timers, one per key, keep no process alive, and take the key with them. */
async function inMemory(rule: RateLimitRule): Promise<RateLimiter> {
  const { RateLimiterMemory } = await import("rate-limiter-flexible");
  return new RateLimiterMemory(rule);
}

/** A limiter rejects with how the key stands when the points are used up, and with an error when it is broken. */
async function taken(consumed: Promise<RateLimitState>): Promise<Taken> {
  const [ok, state] = await consumed.then(
    (state) => [true, state] as const,
    (reason: unknown) => (isState(reason) ? ([false, reason] as const) : fail(reason)),
  );
  return { ok, count: state.consumedPoints, wait: Math.max(0, state.msBeforeNext) };
}

function isState(reason: unknown): reason is RateLimitState {
  return (
    typeof reason === "object" && reason !== null && "msBeforeNext" in reason && "consumedPoints" in reason
  );
}

function fail(cause: unknown): never {
  if (cause instanceof LatchkeyError) throw cause;
  throw new LatchkeyError("cannot_tell", "the rate limiter does not answer", { cause });
}
