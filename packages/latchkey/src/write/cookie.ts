import { LatchkeyError } from "../errors.ts";
import { hasRefreshTokens } from "../lib/access/refreshes.ts";
import type { Client } from "../types.ts";

/** Browsers drop a cookie whose name and value are longer (RFC 6265, section 6.1). */
const maxSize = 4096;
/** Browsers cut a longer life (400 days), in seconds. */
export const maxAgeLimit: number = 400 * 86_400;

/**
 * The `Set-Cookie` that gives a cookie client its credential. `maxAge` in seconds; null: until the browser closes.
 *
 * @throws LatchkeyError `misuse` if the cookie would be too long: there is no splitting.
 */
export function writeCookie(name: string, value: string, secure: boolean, maxAge: number | null): string {
  const size = name.length + value.length;
  if (size > maxSize) {
    throw new LatchkeyError(
      "misuse",
      `the cookie ${name} would have ${size} bytes, browsers keep ${maxSize}: give the user ` +
        "fewer roles in the token, or keep what does not fit in the session's data",
    );
  }
  const age = maxAge === null ? "" : `; Max-Age=${Math.min(Math.max(0, Math.floor(maxAge)), maxAgeLimit)}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}${age}`;
}

/** The `Set-Cookie`s that take a client's credential away. */
export function clearCookies(client: Client, secure: boolean): readonly string[] {
  const names = hasRefreshTokens(client)
    ? [client.cookieName, client.refreshCookieName]
    : [client.cookieName];
  return names.map((name) => writeCookie(name, "", secure, 0));
}

/** A `Cookie` header as the browser sends it once it has taken these `Set-Cookie`s. */
export function withSetCookies(header: string, setCookies: readonly string[]): string {
  const set = setCookies.map((one) => one.split(";", 1)[0] ?? "");
  const names = new Set(set.map(nameOf));
  const others = header.split(";").filter((pair) => pair.trim() !== "" && !names.has(nameOf(pair)));
  return [...others.map((pair) => pair.trim()), ...set].join("; ");
}

function nameOf(pair: string): string {
  return pair.split("=", 1)[0]?.trim() ?? "";
}
