import { deviceCookieName } from "../token/device.ts";
import type { BearerTokens, Client, Credentials } from "../types.ts";
import { maxAgeLimit, writeCookie } from "./cookie.ts";

/** A credential on its way to its client. Lives are seconds. */
export interface Outgoing {
  readonly token: { readonly kind: "session" | "access"; readonly value: string };
  readonly expiresIn: number;
  readonly refresh?: { readonly value: string; readonly expiresIn: number } | undefined;
  /** False: a cookie goes with the browser. */
  readonly remembered: boolean;
  /** True: the refresh token is the one that came with the request. */
  readonly refreshHeld?: boolean | undefined;
  /** Says from now on that this device is known. It stays when the credential goes. */
  readonly device?: string | undefined;
}

/** Puts a credential on its client's transport: what comes by cookie stands in no body. */
export function writeCredentials(client: Client, secure: boolean, outgoing: Outgoing): Credentials {
  return client.transport === "cookie"
    ? {
        transport: "cookie",
        setCookies: cookies(client, secure, outgoing),
        // Nothing else tells a page when to refresh: it does not see the token.
        ...(outgoing.refresh === undefined ? {} : { expiresIn: outgoing.expiresIn }),
      }
    : {
        transport: "bearer",
        ...tokens(outgoing),
        ...(outgoing.device === undefined ? {} : { deviceToken: outgoing.device }),
      };
}

/**
 * The access cookie outlives its token: a server that still sees it can say that it expired, and a client refreshes. A
 * refresh cookie that the browser holds is not set again: answers overtake each other, and a late one would put it back
 * in the place of its successor.
 */
function cookies(
  client: Client,
  secure: boolean,
  { token, expiresIn, refresh, remembered, refreshHeld, device }: Outgoing,
): string[] {
  const maxAge = remembered ? (refresh?.expiresIn ?? expiresIn) : null;
  const written = [writeCookie(client.cookieName, token.value, secure, maxAge)];
  if (refresh !== undefined && refreshHeld !== true) {
    written.push(writeCookie(client.refreshCookieName, refresh.value, secure, maxAge));
  }
  if (device !== undefined) written.push(writeCookie(deviceCookieName(secure), device, secure, maxAgeLimit));
  return written;
}

function tokens({ token, expiresIn, refresh }: Outgoing): BearerTokens {
  if (token.kind === "session") return { sessionToken: token.value, expiresIn };
  const access = { accessToken: token.value, tokenType: "Bearer", expiresIn } as const;
  return refresh === undefined
    ? access
    : { ...access, refreshToken: refresh.value, refreshExpiresIn: refresh.expiresIn };
}
