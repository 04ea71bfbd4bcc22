import { mistake, type StartError } from "../../start-error.ts";

/** One of a few words. */
export function readOneOf<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const last = words.at(-1) ?? "";
  throw mistake(option, JSON.stringify(text), `use ${words.slice(0, -1).join(", ")} or ${last}.`);
}

/** `--limit`: as many as a page of the HTTP routes may hold. */
export function readLimit(text: string): number {
  return readWhole("--limit", text, { max: 200, remedy: "give a whole number from 1 to 200." });
}

/** `--before` */
export function readEntry(text: string): number {
  return readWhole("--before", text, {
    max: Number.MAX_SAFE_INTEGER,
    remedy: "give the number of an entry.",
  });
}

function readWhole(
  option: string,
  text: string,
  { max, remedy }: { readonly max: number; readonly remedy: string },
): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw mistake(option, JSON.stringify(text), remedy);
}

const longestReason = 500;

/** `--reason` */
export function readReason(text: string): string {
  const reason = text.trim();
  if (reason !== "" && [...reason].length <= longestReason) return reason;
  throw mistake("--reason", reason === "" ? "empty" : "too long", `give 1 to ${longestReason} characters.`);
}

/** For an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

const secondsOf = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

/** `--for` */
export interface Duration {
  readonly seconds: number;
  /** As it was given, e.g. `30d`. */
  readonly text: string;
}

/** A number alone is refused: it could be meant as seconds, hours or days. */
export function readDuration(given: string): Duration {
  const text = given.trim();
  const [, count, unit = ""] = /^([1-9]\d{0,8})([smhdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf.get(unit) ?? 0);
  if (count === undefined) throw wrong(given, "give a whole number with its unit, e.g. 45m, 2h, 30d or 6w.");
  // The library's own limit, said in the words of this option.
  if (seconds < 1000 * 365 * 86_400) return { seconds, text };
  throw wrong(given, "that is a thousand years or more; leave --for out for a ban without end.");
}

function wrong(given: string, remedy: string): StartError {
  return mistake("--for", JSON.stringify(given), remedy);
}
