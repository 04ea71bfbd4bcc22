import { LatchkeyError } from "../../../errors.ts";

/** What the server answered in place of a result begins with a word in capital letters. */
export function replyWord(error: unknown): string {
  const [word = ""] = messageOf(error).split(" ", 1);
  return /^[A-Z]+$/.test(word) ? word : "";
}

/**
 * Words after which another server has to be asked: this one does not take the writes (any more), or does not know yet
 * what it holds.
 */
const elsewhere = new Set([
  "READONLY",
  "MOVED",
  "ASK",
  "TRYAGAIN",
  "CLUSTERDOWN",
  "MASTERDOWN",
  "NOREPLICAS",
  "LOADING",
]);

export function isElsewhere(error: unknown): boolean {
  return elsewhere.has(replyWord(error));
}

/** The moment at which the server refused to begin, by its clock in ms; undefined if it said something else. */
export function lateAt(error: unknown): number | undefined {
  const [, time] = /^LATCHKEY late (\d+)/.exec(messageOf(error)) ?? [];
  return time === undefined ? undefined : Number(time);
}

/** What a caller gets: "cannot tell", never "no such session". The words are for the log of whoever runs the server. */
export function toFault(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error;
  return new LatchkeyError("cannot_tell", wordsOf(messageOf(error)), { cause: error });
}

function wordsOf(message: string): string {
  const [, found] = /^LATCHKEY lineage (\S+)/.exec(message) ?? [];
  if (found !== undefined) {
    const seen = found === "none" ? "was emptied" : `is another one, of lineage ${found}`;
    return `the Redis database ${seen}: restore the one found at start, or start anew to go on with this one`;
  }
  if (message.startsWith("LATCHKEY taken")) return `the store holds that id already (${message.slice(15)})`;
  if (message.startsWith("OOM")) return "Redis has used up its maxmemory: give it more, or remove other data";
  return `Redis cannot answer (${message})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
