import { hasRefreshTokens } from "../lib/access/refreshes.ts";
import { detached } from "../lib/text.ts";
import type { Client, RequestLike } from "../types.ts";
import { readCookie } from "./cookie.ts";

/** A string a request presents, and who may have sent it. Untrusted until checked. */
export interface Credential {
  readonly value: string;
  /** The clients on whose transport it came: one for a cookie, all bearer clients for a header. */
  readonly clients: readonly Client[];
}

/** One that a request carries itself. */
export interface CarriedCredential extends Credential {
  /** Names the transport, and of cookies the very one: what was checked on one counts on no other. */
  readonly carrier: string;
  /** What it is remembered by: of a cookie its value, of a Bearer token the whole header as nearly everybody writes it. */
  readonly known: string;
  /** Whether that stands in the request just so, so that it was looked for on the short way already. */
  readonly isSearched: boolean;
}

/** What a request carries. Several credentials: cookies of several clients, in configured order. */
export type ReadCredentials =
  | { readonly kind: "none" }
  | { readonly kind: "refused" }
  | {
      readonly kind: "bearer" | "cookie";
      readonly credentials: readonly [CarriedCredential, ...CarriedCredential[]];
    };

/** No cookie has this name. */
export const bearerCarrier = "Bearer";

const bearerPrefix = "Bearer ";
const bearerScheme = /^bearer\b/i;
const bearer = /^bearer(?: +([^\s,]+))?$/i;

/** Finds what a request carries for these clients. */
export type ReadRequest = (request: RequestLike) => ReadCredentials;

/**
 * Makes what finds the credential of a request. A Bearer header is judged alone and cookies are then not read; other
 * authorization schemes are not ours and change nothing.
 */
export function makeReadCredentials(clients: Iterable<Client>): ReadRequest {
  const all = [...clients];
  const bearers = all.filter(({ transport }) => transport === "bearer");
  const holders = all.filter(({ transport }) => transport === "cookie");
  return (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization !== null && namesBearer(authorization)) return readBearer(authorization, bearers);
    const cookies = request.headers.get("cookie");
    return cookies === null ? { kind: "none" } : readCookies(cookies, holders);
  };
}

/** Whether a request is one of a bearer client, however malformed: its cookies do not count then. */
export function isBearer(request: RequestLike): boolean {
  const authorization = request.headers.get("authorization");
  return authorization !== null && namesBearer(authorization);
}

/** As nearly every client writes it, or in another way. */
function namesBearer(authorization: string): boolean {
  return authorization.startsWith(bearerPrefix) || bearerScheme.test(authorization);
}

/** Bearer header (RFC 6750, section 2.1). A malformed one is refused, not overlooked. */
function readBearer(authorization: string, clients: readonly Client[]): ReadCredentials {
  const plain = readPlain(authorization);
  const value = plain ?? bearer.exec(authorization)?.[1];
  if (value === undefined) return { kind: "refused" };
  const known = plain === undefined ? bearerPrefix + value : authorization;
  const isSearched = plain !== undefined;
  return { kind: "bearer", credentials: [{ value, clients, carrier: bearerCarrier, known, isSearched }] };
}

/** The short way for what nearly every client sends; undefined: the long way decides, which takes twice as long. */
function readPlain(authorization: string): string | undefined {
  if (!authorization.startsWith(bearerPrefix)) return undefined;
  const value = authorization.slice(bearerPrefix.length);
  return value === "" || isSeparated(value) ? undefined : value;
}

/** The comma, and the blanks that a header can hold. */
const separators = [" ", ",", "\t", "\n", "\v", "\f", "\r", "\u00a0"];

/** One character after the other is found sooner than a class of them: by the machine's own search. */
function isSeparated(value: string): boolean {
  for (const one of separators) if (value.includes(one)) return true;
  return false;
}

function readCookies(header: string, clients: readonly Client[]): ReadCredentials {
  const credentials: CarriedCredential[] = [];
  for (const client of clients) {
    const found = readCookie(header, client.cookieName);
    if (found === "refused") return { kind: "refused" };
    if (found === undefined) continue;
    // It may be remembered, and with it what is cut out of it.
    const value = detached(found);
    const carrier = client.cookieName;
    credentials.push({ value, clients: [client], carrier, known: value, isSearched: false });
  }
  const [first, ...rest] = credentials;
  return first === undefined ? { kind: "none" } : { kind: "cookie", credentials: [first, ...rest] };
}

/** The refresh cookies of a request; `"refused"` if one of them comes twice. */
export function readRefreshCookies(
  request: RequestLike,
  clients: Iterable<Client>,
): readonly Credential[] | "refused" {
  const header = request.headers.get("cookie");
  const found: Credential[] = [];
  for (const client of header === null ? [] : clients) {
    if (client.transport !== "cookie" || !hasRefreshTokens(client)) continue;
    const value = readCookie(header ?? "", client.refreshCookieName);
    if (value === "refused") return "refused";
    if (value !== undefined) found.push({ value, clients: [client] });
  }
  return found;
}
