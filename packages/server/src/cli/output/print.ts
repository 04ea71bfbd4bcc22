import { messageOf, type Refusal } from "latchkey";
import { StartError, systemCode } from "../../start-error.ts";
import { isoTime, printable, shownTime, toJson } from "./text.ts";

/** What a command has to say when it is done. */
export interface Answer {
  readonly ok: true;
  /** For programs. */
  readonly json: object;
  /** For people, without a line break at its end. */
  readonly text: string;
  /** What else should be known; on standard error, so that it is not taken for part of the answer. */
  readonly note?: string | undefined;
}

/** Prints it on standard output. */
export async function printAnswer({ json, text, note }: Answer, asJson: boolean): Promise<void> {
  // The database has it all the same: whoever reads the exit code alone must not do it again.
  await write(asJson ? toJson(json) : text, "; what was asked for is done");
  if (note !== undefined) process.stderr.write(`${printable(note)}\n`);
}

/**
 * Prints the public words and the code of a refusal or a fault on standard error and sets the exit code 1. For programs
 * the same stands on standard output, so that they have one document to read in every case.
 */
export async function printError(
  { code, detail, until }: Omit<Refusal, "ok">,
  asJson: boolean,
): Promise<void> {
  process.exitCode = 1;
  const title = messageOf(code);
  const more = [detail, until === undefined ? undefined : `It lives on until ${shownTime(until)}.`];
  const words = [`${title} (${code})`, ...more.filter((one) => one !== undefined)].join(" ");
  process.stderr.write(`latchkey: ${printable(words)}\n`);
  const rest = { ...(detail ? { detail } : {}), ...(until === undefined ? {} : { until: isoTime(until) }) };
  if (asJson) await write(toJson({ error: { code, title, ...rest } }), "");
}

/** Resolves when it is written. Whoever stopped reading, as `head` does, has what they wanted. */
function write(text: string, more: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null): void => {
      const code = systemCode(error);
      if (!error || code === "EPIPE") resolve();
      else reject(new StartError(`Standard output cannot be written (${code})${more}.`, 1, error));
    };
    process.stdout.once("error", settle);
    process.stdout.write(`${text}\n`, settle);
  });
}
