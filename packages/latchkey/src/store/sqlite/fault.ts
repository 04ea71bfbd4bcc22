import { LatchkeyError } from "../../errors.ts";

/** Whether somebody else holds the lock: the one fault that waiting mends. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error) ?? "");
}

/**
 * What a caller gets for anything else that went wrong: "cannot tell", never "no such session". The words are for
 * the log of whoever runs the server.
 */
export function toFault(path: string, error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error;
  const seen = [codeOf(error), error instanceof Error ? error.message : String(error)]
    .filter(Boolean)
    .join(": ");
  return new LatchkeyError("cannot_tell", `the database ${path} cannot answer (${seen})`, { cause: error });
}

/** Does the work; what goes wrong becomes a fault, except a lock, for which the caller waits. */
export function withFaults<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isBusy(error) ? error : toFault(path, error);
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code !== "" ? error.code : undefined;
}
