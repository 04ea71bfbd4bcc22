import { LatchkeyError } from "../../../errors.ts";
import { Lost, sqlState, toFault } from "../fault.ts";

/** What to do about what keeps a store from starting, by SQLSTATE or by the code of the system. */
const remedies: { readonly [code: string]: string } = {
  ECONNREFUSED: "nothing listens there: is the server running, and are host and port right?",
  ENOTFOUND: "there is no such host: is its name spelled right?",
  EAI_AGAIN: "the host's name cannot be looked up at the moment",
  ETIMEDOUT: "nothing answers there: is a firewall in between?",
  ENOENT: "there is no such socket: is the server running?",
  "28P01": "the password was refused",
  "28000": "the server does not let this role in: see its pg_hba.conf, and whether the role exists",
  "3D000": "there is no such database: make it with createdb",
  "42501": "the role may not do what is needed: see docs/stores/postgres.md for its privileges",
  "3F000": "there is no such schema",
  "53300": "the server has no connection left: raise max_connections, or put a pooler between",
  "55P03": "others are using the tables and keep them from being changed: start again when they are done",
  "57P03": "the server is still starting, or stopping",
};

/** The error of a start that failed, in words that help who started it. Never the password. */
export function explainStart(name: string, error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) {
    if (error.code === "misuse") return error;
    return new LatchkeyError(error.code, `the database ${name} cannot be used: ${error.message}`, {
      cause: error,
    });
  }
  const fault = toFault(name, error);
  const remedy = remedies[codeOf(error) ?? ""];
  if (remedy === undefined) return fault;
  return new LatchkeyError("cannot_tell", `${fault.message}; ${remedy}`, { cause: fault.cause });
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Lost ? error.cause : error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (sqlState(first) !== undefined) return sqlState(first);
  return first instanceof Error && "code" in first ? String(first.code) : undefined;
}
