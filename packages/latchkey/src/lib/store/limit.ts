import { LatchkeyError } from "../../errors.ts";

/** Waits so many milliseconds at most; `cannot_tell`, with the words given, after that. */
export function withLimit<Result>(work: Promise<Result>, limit: number, words: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = new LatchkeyError("cannot_tell", `${words} within ${limit} ms`);
    const timer = setTimeout(reject, limit, late);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
