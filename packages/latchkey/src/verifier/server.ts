import { LatchkeyError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../lib/json.ts";
import type { VerifierSettings } from "./options.ts";

/** The server whose tokens are verified. */
export interface Server {
  /** The JWK set. */
  readonly jwks: () => Promise<JsonObject>;
  /** Posts to `/changes` with a service token, getting another one if that is refused. */
  readonly changes: (body: object, signal: AbortSignal) => Promise<JsonObject>;
  /** Why the changes could not be read, if they could not the last time. */
  readonly failure: () => LatchkeyError | undefined;
  /** Whatever went wrong on the way to it: nobody can tell. */
  readonly fault: (error: unknown) => LatchkeyError;
}

/** How long an answer is waited for, in milliseconds, besides the time it was asked to wait. */
const patience = 5000;
/** None is followed: it would take a secret elsewhere. Not "error", which workerd does not have; one is not `ok` either. */
const redirect = "manual";
/** A service token is not used any more so long before it expires, in milliseconds. */
const early = 30_000;
/** What is answered to a service that is not known, has another secret, or lacks the scope (RFC 6749, section 5.2). */
const refusing: ReadonlySet<number> = new Set([400, 401, 403]);

interface Token {
  readonly value: string;
  readonly usableUntil: number;
}

export function makeServer(
  { issuer, credentials }: VerifierSettings,
  send: typeof fetch,
  monotonic: () => number,
): Server {
  let token: Promise<Token> | undefined;
  let failure: LatchkeyError | undefined;

  async function requestToken(): Promise<Token> {
    const { clientId, clientSecret } = credentials;
    const asked = monotonic();
    const response = await send(`${issuer}/oauth2/token`, {
      method: "POST",
      redirect,
      signal: AbortSignal.timeout(patience),
      headers: {
        authorization: `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials&scope=changes%3Aread",
    });
    if (refusing.has(response.status)) {
      await response.body?.cancel();
      throw noToken(response.status);
    }
    const { access_token: value, expires_in: seconds } = await read(response, "a service token");
    if (typeof value !== "string" || typeof seconds !== "number") throw unusable("a service token");
    return { value, usableUntil: asked + seconds * 1000 - early };
  }

  function noToken(status: number): LatchkeyError {
    const remedy = "in its `services` it needs this id, the hash of this secret, and the scope changes:read";
    return new LatchkeyError(
      "cannot_tell",
      `${issuer} gives no token (${status}) to the service "${credentials.clientId}": ${remedy}`,
    );
  }

  async function read(response: Response, what: string): Promise<JsonObject> {
    if (!response.ok) {
      await response.body?.cancel();
      throw new LatchkeyError("cannot_tell", `${issuer} answered ${response.status} for ${what}`);
    }
    const value: unknown = await response.json();
    if (!isJsonObject(value)) throw unusable(what);
    return value;
  }

  function unusable(what: string): LatchkeyError {
    return new LatchkeyError("cannot_tell", `what ${issuer} answers is not ${what}`);
  }

  /** One for all who need it at the same time. A failure is not kept. */
  async function findToken(): Promise<string> {
    const found = await token?.catch(() => undefined);
    if (found !== undefined && monotonic() < found.usableUntil) return found.value;
    const fresh = requestToken();
    token = fresh;
    return (await fresh).value;
  }

  async function post(value: string, body: object, signal: AbortSignal): Promise<Response> {
    return send(`${issuer}/changes`, {
      method: "POST",
      redirect,
      signal,
      headers: { authorization: `Bearer ${value}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  function fault(error: unknown): LatchkeyError {
    if (error instanceof LatchkeyError) return error;
    return new LatchkeyError("cannot_tell", `${issuer} does not answer`, { cause: error, retryAfter: 1 });
  }

  async function readChanges(body: object, signal: AbortSignal): Promise<JsonObject> {
    const first = await findToken();
    const response = await post(first, body, signal);
    if (response.status !== 401) return read(response, "the change log");
    // P31: everything was revoked, this token too; or its key was. One new one, then nobody can tell.
    await response.body?.cancel();
    token = undefined;
    return read(await post(await findToken(), body, signal), "the change log");
  }

  return {
    failure: () => failure,
    fault,
    async jwks() {
      const signal = AbortSignal.timeout(patience);
      // A copy that somebody keeps may lack the key that is looked for.
      const headers = { "cache-control": "no-cache" };
      const response = await send(`${issuer}/.well-known/jwks.json`, { redirect, headers, signal });
      return read(response, "the keys");
    },
    async changes(body, signal) {
      try {
        const page = await readChanges(body, signal);
        failure = undefined;
        return page;
      } catch (error) {
        failure = fault(error);
        throw error;
      }
    },
  };
}

/** Id and secret are encoded like a form before they are joined (RFC 6749, section 2.3.1). */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%20", "+");
}
