import type { StrategyContext } from "../strategy/strategy.ts";

/** Lets the counting go on after the answer. */
export type Background = StrategyContext["background"];

/** A point that was taken for an attempt; how that ended decides which of the two is called, or neither. */
export interface Begun {
  readonly ok: true;
  /** It was right. */
  readonly succeed: () => Promise<unknown>;
  /** It was not judged, and does not count. */
  readonly takeBack: () => Promise<unknown>;
}

/** A point that is not to be had yet: milliseconds to wait. */
export interface Refused {
  readonly ok: false;
  readonly wait: number;
}

/** An attempt that may be made. */
export interface Attempt {
  readonly ok: true;
  /** Makes it. It counted as a failure from the start, and stays one if what came out says that the guess was wrong. */
  judge<Result extends Judged>(attempt: () => Promise<Result>): Promise<Result>;
}

/** A result in our words, or in those of OAuth. */
type Judged =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string }
  | { readonly ok: false; readonly error: string };

/** What says that a secret was wrong. Anything else says that it was right, or that nobody looked. */
const wrongGuess: ReadonlySet<string> = new Set(["invalid_credentials", "wrong_password", "invalid_client"]);

/** Puts the points that an attempt took together. */
export function makeAttempt(begun: readonly Begun[], background: Background): Attempt {
  const takeBack = (): void => {
    for (const one of begun) background(one.takeBack(), "taking an attempt back");
  };
  return {
    ok: true,
    async judge(attempt) {
      const result = await attempt().catch((fault: unknown) => {
        takeBack();
        throw fault;
      });
      if (result.ok) for (const one of begun) background(one.succeed(), "forgetting failed attempts");
      else if (!wrongGuess.has("code" in result ? result.code : result.error)) takeBack();
      return result;
    },
  };
}
