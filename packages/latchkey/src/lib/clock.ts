/** Milliseconds since 1970 (UTC). */
export type Clock = () => number;

/** The machine's wall clock: the one place that reads it. Everything else takes a `Clock`. */
export const systemClock: Clock = () => Date.now();

/** Whole seconds, rounded down: the unit of JWT dates (RFC 7519, section 2, NumericDate). */
export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Rounds a time down to the second, so that a session shows the same times in a row and in a JWT. */
export function wholeSecond(milliseconds: number): number {
  return toSeconds(milliseconds) * 1000;
}
