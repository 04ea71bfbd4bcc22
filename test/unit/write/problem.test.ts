import { type ErrorCode, errorCodes, LatchkeyError, messageOf, problemResponse, statusOf } from "latchkey";
import { describe, expect, test } from "vitest";

const secretDetail = "connect ECONNREFUSED postgres://app:hunter2@db.internal";

/** Status of each code (P28). */
const statuses: { readonly [status: number]: readonly ErrorCode[] } = {
  400: ["invalid_input", "unknown_audience", "invalid_scope"],
  401: [
    "credential_missing",
    "credential_invalid",
    "credential_renewed",
    "access_expired",
    "session_expired",
    "session_ended",
    "refresh_reused",
    "refresh_expired",
    "account_unavailable",
    "invalid_credentials",
  ],
  403: ["user_banned", "forbidden", "wrong_password", "csrf_refused", "not_fresh", "sign_up_disabled"],
  404: ["not_found", "session_not_found", "user_not_found"],
  405: ["method_not_allowed"],
  409: ["email_taken", "not_revocable", "conflict", "role_taken", "last_administrator", "session_limit"],
  413: ["body_too_large"],
  415: ["unsupported_media_type"],
  422: ["password_too_short", "password_too_long", "password_too_common", "data_too_large"],
  429: ["rate_limited"],
  500: ["internal", "misuse"],
  501: ["hasher_unavailable", "kept_elsewhere"],
  503: ["cannot_tell", "stale", "busy", "revocation_unconfirmed"],
};
const table = Object.entries(statuses).flatMap(([status, codes]) =>
  codes.map((code) => [code, Number(status)] as const),
);

async function read(response: Response): Promise<{ status: number; body: object; headers: object }> {
  return {
    status: response.status,
    body: await response.json(),
    headers: Object.fromEntries(response.headers),
  };
}

test("the table has every code there is", () => {
  expect(new Set(table.map(([code]) => code))).toEqual(new Set(errorCodes));
});

describe("a refusal as a problem (RFC 9457)", () => {
  test.each(table.filter(([code]) => code !== "misuse"))("%s: %i", async (code, status) => {
    expect(statusOf(code)).toBe(status);
    const { body, headers, ...rest } = await read(problemResponse({ ok: false, code }));
    expect(rest.status).toBe(status);
    expect(body).toEqual({
      type: `urn:latchkey:error:${code}`,
      title: messageOf(code),
      status,
      code,
    });
    expect(headers).toMatchObject({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    });
    expect(headers).not.toHaveProperty("set-cookie");
  });

  test("with more public words, and the end of what cannot be taken back", async () => {
    const until = Date.UTC(2027, 0, 15, 8);
    const problem = { ok: false, code: "not_revocable", detail: "More words.", until } as const;
    expect((await read(problemResponse(problem))).body).toEqual({
      type: "urn:latchkey:error:not_revocable",
      title: messageOf("not_revocable"),
      status: 409,
      code: "not_revocable",
      detail: "More words.",
      until: "2027-01-15T08:00:00.000Z",
    });
  });
});

describe("WWW-Authenticate (RFC 9110, section 15.5.2; RFC 6750, section 3)", () => {
  test.each(table)("%s: %i", (code, status) => {
    const challenge = problemResponse({ ok: false, code }).headers.get("www-authenticate");
    if (status !== 401) return expect(challenge).toBeNull();
    const bare = code === "credential_missing" || code === "invalid_credentials";
    expect(challenge).toBe(
      `Bearer realm="latchkey"${bare ? "" : `, error="invalid_token", error_description="${messageOf(code)}"`}`,
    );
    // RFC 6750, section 3: what may stand in error_description.
    expect(messageOf(code)).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });
});

describe("a fault", () => {
  test.each(table)("%s shows its code's words and nothing of its own", async (code) => {
    const error = new LatchkeyError(code, secretDetail, { cause: new Error(secretDetail) });
    const response = problemResponse(error);
    const shown = JSON.stringify([await response.clone().json(), [...response.headers]]);
    expect(shown).not.toMatch(/ECONNREFUSED|hunter2|internal"?@|db\.internal|stack|cause|detail/);
    const expected = code === "misuse" ? "internal" : code;
    expect(await response.json()).toEqual({
      type: `urn:latchkey:error:${expected}`,
      title: messageOf(expected),
      status: statusOf(expected),
      code: expected,
    });
  });

  test.each([
    ["cannot_tell", undefined, "1"],
    ["busy", undefined, "1"],
    ["cannot_tell", 30, "30"],
    ["rate_limited", 7, "7"],
    ["internal", undefined, null],
    ["hasher_unavailable", undefined, null],
  ] as const)("%s to be tried again after %s says Retry-After: %s", (code, retryAfter, header) => {
    const error = new LatchkeyError(code, secretDetail, retryAfter === undefined ? {} : { retryAfter });
    expect(problemResponse(error).headers.get("retry-after")).toBe(header);
  });

  test("a refusal says nothing of trying again", () => {
    expect(problemResponse({ ok: false, code: "conflict" }).headers.get("retry-after")).toBeNull();
  });

  test("keeps its cause for the log", () => {
    const cause = new Error("why");
    expect(new LatchkeyError("cannot_tell", "what", { cause })).toMatchObject({ message: "what", cause });
    expect("cause" in new LatchkeyError("cannot_tell", "what")).toBe(false);
  });
});
