import { LatchkeyError } from "../../errors.ts";

/** libsql reads text only up to the first NUL, and Postgres refuses it: better refused than cut. */
export function refuseNul(value: unknown): void {
  if (typeof value !== "string" || !value.includes("\0")) return;
  throw new LatchkeyError("invalid_input", "text with a NUL character cannot be stored");
}
