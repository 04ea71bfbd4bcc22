import { LatchkeyError, messageOf, type Refusal, refuse, statusOf } from "../errors.ts";
import type { Logger } from "../types.ts";

/** Where the codes are explained; the `type` of a problem is this with the code. */
const typePrefix = "urn:latchkey:error:";

/** An answer that has not taken the shape of a `Response`, or of a framework's own, yet. */
export interface Answer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * A refusal or fault as `application/problem+json` (RFC 9457). 401 carries a challenge (RFC 9110, section 15.5.2);
 * what can be tried again says when. Words of a fault stay in the log.
 */
export function problemAnswer(problem: Refusal | LatchkeyError): Answer {
  const code = problem instanceof LatchkeyError && problem.code === "misuse" ? "internal" : problem.code;
  const status = statusOf(code);
  const body = {
    type: typePrefix + code,
    title: messageOf(code),
    status,
    code,
    ...(problem instanceof LatchkeyError ? {} : publicMembers(problem)),
  };
  const headers = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(status === 401 ? { "www-authenticate": challenge(code) } : {}),
    ...(problem.retryAfter === undefined ? {} : { "retry-after": String(problem.retryAfter) }),
  };
  return { status, headers, body: JSON.stringify(body) };
}

/** The same as a `Response`. */
export function problemResponse(problem: Refusal | LatchkeyError): Response {
  const { status, headers, body } = problemAnswer(problem);
  return new Response(body, { status, headers });
}

/** What was thrown: a fault becomes 503 or 501, anything unexpected 500. The log says what it was, the answer does not. */
export function faultResponse(error: unknown, logger: Logger | undefined): Response {
  if (error instanceof LatchkeyError) {
    logger?.warn({ err: error, code: error.code }, "could not answer");
    return problemResponse(error);
  }
  // Faults of the store come wrapped: this is the client, gone in the middle of its body. Nobody reads the answer.
  if (error instanceof Error && "code" in error && error.code === "ECONNRESET") {
    return problemResponse(refuse("invalid_input"));
  }
  logger?.error({ err: error }, "unexpected error");
  return problemResponse(new LatchkeyError("internal", "an unexpected error"));
}

/** `WWW-Authenticate` (RFC 6750, section 3): without an error if no credential was sent. */
function challenge(code: Refusal["code"]): string {
  const realm = 'Bearer realm="latchkey"';
  if (code === "credential_missing" || code === "invalid_credentials") return realm;
  return `${realm}, error="invalid_token", error_description="${messageOf(code)}"`;
}

function publicMembers(refusal: Refusal): { detail?: string; until?: string } {
  return {
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    ...(refusal.until === undefined ? {} : { until: new Date(refusal.until).toISOString() }),
  };
}
