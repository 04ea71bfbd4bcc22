import { LatchkeyError } from "../../../errors.ts";
import { isJsonObject } from "../../../lib/json.ts";

/** Throws unless both are the same value: the same members with the same values, however deep. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (isSame(actual, expected)) return;
  throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Throws unless the promise rejects with a `LatchkeyError` of that code. */
export async function rejectsWith(code: string, promise: Promise<unknown>, what: string): Promise<void> {
  const outcome = await promise.then(
    (value) => `an answer: ${show(value)}`,
    (error: unknown) => (error instanceof LatchkeyError ? error.code : error),
  );
  equal(outcome, code, what);
}

/** The code of a refusal, or "ok": what races count. */
function codeOf(answer: { readonly ok: boolean; readonly code?: string }): string {
  return answer.code ?? "ok";
}

/** How often each code occurs among the answers. */
export function tally(answers: readonly { readonly ok: boolean; readonly code?: string }[]): object {
  const counts: { [code: string]: number } = {};
  for (const answer of answers) counts[codeOf(answer)] = (counts[codeOf(answer)] ?? 0) + 1;
  return counts;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((it, i) => isSame(it, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]));
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
