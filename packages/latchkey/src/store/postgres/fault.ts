import { LatchkeyError } from "../../errors.ts";

/** The connection is gone or not to be had; what was asked on it was not answered. */
export class Lost extends Error {
  constructor(cause: unknown) {
    super(wordsOf(cause), { cause });
  }
}

/** The SQLSTATE of an error that the server has sent; undefined for any other. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * Whether the connection is no use any more: the server ends it with this error, or is a standby; or the error did not
 * come from the server at all.
 */
export function endsConnection(error: unknown): boolean {
  const state = sqlState(error);
  if (state === undefined || isOfStandby(error)) return true;
  const severity = error instanceof Error && "severity" in error ? error.severity : undefined;
  return severity === "FATAL" || severity === "PANIC" || /^(08|57P)/.test(state);
}

/** "Read only", "not supported", "not now": nothing that we ask of a primary is answered so. */
function isOfStandby(error: unknown): boolean {
  return ["25006", "0A000", "55000"].includes(sqlState(error) ?? "");
}

/** Whether no connection was left for us, while those that exist go on working. */
export function isCrowded(error: unknown): boolean {
  return sqlState(error instanceof Lost ? error.cause : error) === "53300";
}

/** What a caller gets: "cannot tell", never "no such session". The words are for whoever runs the server. */
export function toFault(name: string, error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error;
  const cause = error instanceof Lost ? error.cause : error;
  return new LatchkeyError("cannot_tell", `the database ${name} cannot answer (${wordsOf(cause)})`, {
    cause,
  });
}

/** What a caller gets to whom the database did not answer in time. */
export function lateFor(name: string): LatchkeyError {
  return new LatchkeyError("cannot_tell", `the database ${name} did not answer in time`);
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
