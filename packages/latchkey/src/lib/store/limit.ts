import { LatchkeyError } from "../../errors.ts";
import { expireAfter } from "../timing/expire.ts";

/** Waits so many milliseconds at most; `cannot_tell`, with the words given, after that. */
export function withLimit<Result>(work: Promise<Result>, limit: number, words: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const takeBack = expireAfter(limit, () =>
      reject(new LatchkeyError("cannot_tell", `${words} within ${limit} ms`)),
    );
    work.then(resolve, reject).finally(takeBack);
  });
}
