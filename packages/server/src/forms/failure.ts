import { type ErrorCode, messageOf, type Refusal, statusOf } from "latchkey";

/** Why a form was not accepted, in words that say what to do. */
export interface Failure {
  readonly status: number;
  readonly summary: string;
  /** Names of the fields at fault. */
  readonly fields: readonly string[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number | undefined;
}

/** For some codes: the fields at fault in this form, and words better than the code's own. */
export type Wording = {
  readonly [code in ErrorCode]?: { readonly fields?: readonly string[]; readonly summary?: string };
};

/** What a person is told about a refusal. */
export function failureOf(refusal: Refusal, wording: Wording): Failure {
  const { fields = [], summary = wordsOf(refusal) } = wording[refusal.code] ?? {};
  return { status: statusOf(refusal.code), summary, fields, retryAfter: refusal.retryAfter };
}

/** The public words of a refusal. */
export function wordsOf({ code, detail, retryAfter }: Refusal): string {
  if (retryAfter !== undefined) return `Too many attempts. Try again in ${readableTime(retryAfter)}.`;
  return detail === undefined ? messageOf(code) : `${messageOf(code)} ${detail}`;
}

/** Rounded up: whoever waits that long has waited long enough. */
function readableTime(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** A failure found before anything was asked: an e-mail address that cannot be one. */
export function checkEmail(email: string): Failure | undefined {
  if (/^[^\s@]+@[^\s@]+$/.test(email.trim())) return undefined;
  return { status: 400, summary: "Enter an e-mail address, such as ada@example.org.", fields: ["email"] };
}

/** What can be wrong with a new password, marked at its field. */
export function newPasswordWording(field: string, minLength: number): Wording {
  return {
    password_too_short: {
      fields: [field],
      summary: `Choose a password of at least ${minLength} characters.`,
    },
    password_too_long: { fields: [field], summary: "The password is too long. Choose a shorter one." },
    password_too_common: {
      fields: [field],
      summary: "This password is among the most used ones, so it is guessed first. Choose another.",
    },
  };
}
