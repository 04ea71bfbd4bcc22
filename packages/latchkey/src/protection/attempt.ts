import type { StrategyContext } from "../strategy/strategy.ts";

/** Lets the counting go on after the answer. */
export type Background = StrategyContext["background"];

/** A point that was taken for an attempt, and what becomes of it when that has ended. */
export interface Begun {
  readonly ok: true;
  /** The attempt was right. */
  readonly succeed: () => Promise<unknown>;
  /** It was wrong. */
  readonly fail: () => Promise<unknown>;
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
  /** Makes it, and counts it by what came out. To be called once, and at once. */
  judge<Result extends Judged>(attempt: () => Promise<Result>): Promise<Result>;
}

/** A result in our words, or in those of OAuth. */
type Judged =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string }
  | { readonly ok: false; readonly error: string };

/** What says that a secret was wrong. Anything else says that it was right, or that nobody looked. */
const wrongGuess: ReadonlySet<string> = new Set(["invalid_credentials", "wrong_password", "invalid_client"]);

/** Does nothing, whatever comes out. */
export const nothing = async (): Promise<void> => {};

/** An attempt and the points that were taken for it; `ended` is told when they are what they should be. */
export function makeAttempt(
  begun: readonly Begun[],
  background: Background,
  ended: () => void = () => {},
): Attempt {
  const count = (what: "succeed" | "fail" | "takeBack"): void => {
    const counted = Promise.all(begun.map((one) => one[what]())).finally(ended);
    background(counted, "counting an attempt");
  };
  return {
    ok: true,
    async judge(attempt) {
      const result = await attempt().catch((fault: unknown) => {
        count("takeBack");
        throw fault;
      });
      if (result.ok) count("succeed");
      else count(wrongGuess.has("code" in result ? result.code : result.error) ? "fail" : "takeBack");
      return result;
    },
  };
}
