/**
 * One class, one table. A refusal travels as a value with one of these codes; a fault is a thrown
 * `LatchkeyError` whose code maps to 503 or 501; a misuse is a thrown `LatchkeyError` with code `misuse`.
 */

/** Every code a response or a result can carry. Documented in `docs/errors.md`. */
export type ErrorCode =
  | "invalid_input"
  | "unknown_audience"
  | "invalid_scope"
  | "credential_missing"
  | "credential_invalid"
  | "credential_renewed"
  | "access_expired"
  | "session_expired"
  | "session_ended"
  | "refresh_reused"
  | "refresh_expired"
  | "account_unavailable"
  | "invalid_credentials"
  | "user_banned"
  | "forbidden"
  | "wrong_password"
  | "csrf_refused"
  | "not_fresh"
  | "sign_up_disabled"
  | "not_found"
  | "session_not_found"
  | "user_not_found"
  | "method_not_allowed"
  | "email_taken"
  | "not_revocable"
  | "conflict"
  | "role_taken"
  | "last_administrator"
  | "session_limit"
  | "body_too_large"
  | "unsupported_media_type"
  | "password_too_short"
  | "password_too_long"
  | "password_too_common"
  | "data_too_large"
  | "rate_limited"
  | "internal"
  | "misuse"
  | "hasher_unavailable"
  | "kept_elsewhere"
  | "cannot_tell"
  | "revocation_unconfirmed"
  | "stale"
  | "busy";

/** code → [HTTP status, words shown to anyone]. Private detail goes into `LatchkeyError.detail`, never here. */
const table: Record<ErrorCode, readonly [status: number, message: string]> = {
  invalid_input: [400, "The request is not valid."],
  unknown_audience: [400, "There is no such audience."],
  invalid_scope: [400, "A scope goes beyond what may be had."],
  credential_missing: [401, "You are not signed in."],
  credential_invalid: [401, "The credential is not valid. Sign in again."],
  credential_renewed: [401, "This credential was replaced by a newer one."],
  access_expired: [401, "The access token has expired."],
  session_expired: [401, "The session has expired. Sign in again."],
  session_ended: [401, "The session has ended. Sign in again."],
  refresh_reused: [401, "The refresh token was used before by someone else. Sign in again."],
  refresh_expired: [401, "The refresh token has expired. Sign in again."],
  account_unavailable: [401, "The account is not available. Sign in again."],
  invalid_credentials: [401, "The e-mail address or the password is wrong."],
  user_banned: [403, "This account is banned."],
  forbidden: [403, "You are not allowed to do this."],
  wrong_password: [403, "The current password is wrong."],
  csrf_refused: [403, "The request came from another site and was refused."],
  not_fresh: [403, "Sign in again to do this."],
  sign_up_disabled: [403, "Sign-up is closed."],
  not_found: [404, "There is nothing at this address."],
  session_not_found: [404, "There is no such session."],
  user_not_found: [404, "There is no such user."],
  method_not_allowed: [405, "This method is not allowed here."],
  email_taken: [409, "An account with this e-mail address exists."],
  not_revocable: [409, "This credential cannot be taken back before it expires."],
  conflict: [409, "It was changed by someone else at the same time. Try again."],
  role_taken: [409, "Somebody already holds this role."],
  last_administrator: [409, "Nobody would be left in charge. Make somebody else an administrator first."],
  session_limit: [409, "You are signed in on as many devices as allowed. Sign out on one of them first."],
  body_too_large: [413, "The request body is too large."],
  unsupported_media_type: [415, "Send a JSON body with Content-Type: application/json."],
  password_too_short: [422, "The password is too short."],
  password_too_long: [422, "The password is too long."],
  password_too_common: [422, "This password is among the most used ones. Choose another."],
  data_too_large: [422, "The session data is too large."],
  rate_limited: [429, "Too many attempts. Wait and try again."],
  internal: [500, "Something went wrong on our side."],
  misuse: [500, "The server is configured wrongly."],
  hasher_unavailable: [501, "Passwords cannot be checked on this server."],
  kept_elsewhere: [501, "The application keeps this itself. It cannot be changed here."],
  cannot_tell: [503, "We cannot tell right now. Try again in a moment."],
  revocation_unconfirmed: [503, "It was revoked, but that is not safely stored yet. Try again in a moment."],
  stale: [503, "We cannot tell right now. Try again in a moment."],
  busy: [503, "The server is busy. Try again in a moment."],
};

/** All codes, in the order of their status. */
export const errorCodes: readonly ErrorCode[] = Object.keys(table) as ErrorCode[];

/** The HTTP status that goes with a code. */
export function statusOf(code: ErrorCode): number {
  return table[code][0];
}

/** The sentence shown to anyone who gets this code. */
export function messageOf(code: ErrorCode): string {
  return table[code][1];
}

/** An expected "no": a value, never thrown. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  /** Public words that say more than the code's own, such as which member of the input is wrong. */
  readonly detail?: string;
  /** For `not_revocable`: until when the credential lives on, in milliseconds since the epoch. */
  readonly until?: number;
  /** For `rate_limited`: seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number;
}

/** Makes a refusal. */
export function refuse(
  code: ErrorCode,
  extra?: { detail?: string; until?: number; retryAfter?: number },
): Refusal {
  return Object.freeze({ ok: false as const, code, ...extra });
}

const brand = Symbol.for("latchkey.error.1");

/**
 * A fault (the store is down, the hasher is busy) or a misuse of the library.
 * `message` and `detail` are for the log of whoever runs the server; they never hold a credential.
 */
export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";
  readonly code: ErrorCode;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown; retryAfter?: number }) {
    super(detail, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options?.retryAfter ?? (statusOf(code) === 503 ? 1 : undefined);
    Object.defineProperty(this, brand, { value: true });
  }

  /** By a brand: a bundler may load this file twice, and a fault is a fault whichever of them has thrown it. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** Throws the error of a wrong option: it names the option, the value's fault and the remedy. */
export function misuse(detail: string): never {
  throw new LatchkeyError("misuse", `latchkey: ${detail}`);
}
