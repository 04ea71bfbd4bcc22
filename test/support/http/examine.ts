import { type ErrorCode, errorCodes, messageOf } from "latchkey";
import { expect } from "vitest";
import { findMismatches, type JsonSchema } from "./json-schema.ts";

/** The OpenAPI document, as far as tests read it. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema };
    readonly securitySchemes: { readonly [name: string]: object };
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: { readonly [type: string]: { readonly schema: JsonSchema } } };
  readonly responses: {
    readonly [status: string]: {
      readonly description: string;
      readonly content: { readonly [type: string]: { readonly schema: JsonSchema } };
    };
  };
}

/** One exchange, with its answer's body read. */
export interface Exchange {
  readonly method: string;
  /** Behind the base path. */
  readonly path: string;
  /** Of the request. */
  readonly authorization: string | null;
  readonly response: Response;
  readonly text: string;
}

/** What the answers of an application are held against. */
export interface Expectations {
  readonly document: OpenApiDocument;
  /** Strings that no answer may hold: passwords, hashes and tokens given out before. */
  readonly secrets: ReadonlySet<string>;
}

/** The status of each code that these routes give (P28), told apart from the library's own table. */
const statuses: { readonly [code: string]: number } = {
  invalid_input: 400,
  unknown_audience: 400,
  invalid_scope: 400,
  credential_missing: 401,
  credential_invalid: 401,
  credential_renewed: 401,
  access_expired: 401,
  session_expired: 401,
  session_ended: 401,
  refresh_reused: 401,
  refresh_expired: 401,
  account_unavailable: 401,
  invalid_credentials: 401,
  user_banned: 403,
  forbidden: 403,
  wrong_password: 403,
  csrf_refused: 403,
  sign_up_disabled: 403,
  not_found: 404,
  session_not_found: 404,
  user_not_found: 404,
  method_not_allowed: 405,
  email_taken: 409,
  not_revocable: 409,
  conflict: 409,
  last_administrator: 409,
  session_limit: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  password_too_short: 422,
  password_too_long: 422,
  password_too_common: 422,
  data_too_large: 422,
  rate_limited: 429,
  internal: 500,
  cannot_tell: 503,
  busy: 503,
  kept_elsewhere: 501,
};

const jwksPaths = new Set(["/jwks", "/.well-known/jwks.json"]);

const fixedHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
};

const cookieShape =
  /^__Host-latchkey-[a-z-]+=[A-Za-z0-9._-]*; Path=\/; HttpOnly; SameSite=Lax; Secure(?:; Max-Age=\d+)?$/;

/** What holds for every answer of the handler, whatever was asked. Throws where it does not. */
export function examine(exchange: Exchange, { document, secrets }: Expectations): void {
  const { method, path, response, text } = exchange;
  const what = `${method} ${path} → ${response.status} ${text.slice(0, 300)}`;
  const { headers } = response;
  for (const [name, value] of Object.entries(fixedHeaders)) {
    expect(headers.get(name), `${name} of ${what}`).toBe(value);
  }
  const isKeys = jwksPaths.has(path) && response.ok && method !== "OPTIONS";
  const caching = isKeys ? "public, max-age=300" : "no-store";
  expect(headers.get("cache-control"), `cache-control of ${what}`).toBe(caching);
  examineCookies(exchange, what);
  examineSecrets(exchange, secrets, what);
  if (method === "OPTIONS") return;
  if (response.status >= 400 && speaksOAuth(exchange, document)) examineOAuthError(exchange, what);
  else if (response.status >= 400) examineProblem(exchange, what);
  else expect(headers.get("content-type"), what).toBe("application/json");
  if (method !== "HEAD") examineShape(exchange, document, what);
}

function examineCookies({ authorization, response }: Exchange, what: string): void {
  const setCookies = response.headers.getSetCookie();
  for (const cookie of setCookies) expect(cookie, what).toMatch(cookieShape);
  const isBearer = authorization !== null && /^bearer\b/i.test(authorization);
  if (isBearer) expect(setCookies, `a bearer client gets no cookie: ${what}`).toEqual([]);
  if (response.status >= 400) expect(setCookies, `a refusal touches no cookie: ${what}`).toEqual([]);
}

function examineSecrets(
  { path, response, text }: Exchange,
  secrets: ReadonlySet<string>,
  what: string,
): void {
  const { headers } = response;
  const whole = `${[...headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n${text}`;
  // A refresh token that is young enough is answered with itself, and a repeated request with what it got before.
  const spared = path === "/refresh" && response.ok ? (whole.match(/lkr_[\w.-]{20,}/)?.[0] ?? "") : "";
  for (const secret of secrets) {
    if (spared.includes(secret)) continue;
    expect(whole.includes(secret), `a secret given out before stands in ${what}`).toBe(false);
  }
  if (path === "/openapi.json") return;
  expect(text, what).not.toMatch(/\$argon2|"(?:passwordHash|tokenHash|sealed|version|\w*epoch)":/i);
  const asCookie = headers.getSetCookie().some((cookie) => !cookie.includes("=;"));
  // The credential, what renews it, what makes the device known: each at most once, and none beside a cookie.
  for (const kind of [/lks_[\w.-]{20,}|eyJ[\w-]+\.eyJ[\w.-]+/g, /lkr_[\w.-]{20,}/g, /lkd_[\w.-]{20,}/g]) {
    const inBody = text.match(kind) ?? [];
    expect(inBody.length, `credentials in the body of ${what}`).toBeLessThanOrEqual(asCookie ? 0 : 1);
  }
}

/** Whether errors come in OAuth's own form (RFC 6749, section 5.2): where the document promises no problem. */
function speaksOAuth({ method, path, response }: Exchange, document: OpenApiDocument): boolean {
  const { responses } = document.paths[path]?.[method.toLowerCase()] ?? {};
  const described = responses?.default?.content ?? {};
  return response.status !== 405 && "application/json" in described;
}

function examineOAuthError({ response, text }: Exchange, what: string): void {
  expect(response.headers.get("content-type"), what).toBe("application/json");
  expect(JSON.parse(text), what).toMatchObject({ error: expect.stringMatching(/^[a-z_]+$/) });
}

function examineProblem({ method, response, text }: Exchange, what: string): void {
  const { headers, status } = response;
  expect(headers.get("content-type"), what).toBe("application/problem+json");
  if (status === 401) expect(headers.get("www-authenticate"), what).toMatch(/^Bearer realm="latchkey"/);
  if (status === 503) expect(Number(headers.get("retry-after")), what).toBeGreaterThan(0);
  if (status === 405) expect(headers.get("allow"), what).toMatch(/^(GET, HEAD|POST)$/);
  if (method === "HEAD") return;
  const problem: { code: ErrorCode; status: number; title: string; type: string } = JSON.parse(text);
  expect(errorCodes, what).toContain(problem.code);
  const { code } = problem;
  expect(problem, what).toMatchObject({
    status,
    title: messageOf(code),
    type: `urn:latchkey:error:${code}`,
  });
  expect(statuses[code], `status of ${what}`).toBe(status);
}

/** Every answer has the shape that the OpenAPI document promises. */
function examineShape(
  { method, path, response, text }: Exchange,
  document: OpenApiDocument,
  what: string,
): void {
  if (path === "/openapi.json") return;
  const operation = document.paths[path]?.[method.toLowerCase()];
  const { Problem: problem = {} } = document.components.schemas;
  const described = operation?.responses[response.status] ?? operation?.responses.default;
  const schema = described === undefined ? problem : Object.values(described.content)[0]?.schema;
  if (response.ok) expect(operation?.responses[response.status], `not documented: ${what}`).toBeDefined();
  expect(findMismatches(schema ?? {}, JSON.parse(text), document.components.schemas), what).toEqual([]);
}
