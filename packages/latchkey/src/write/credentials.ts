import type { BearerTokens, Client, Credentials } from "../types.ts";
import { writeCookie } from "./cookie.ts";

/** A credential on its way to its client. Lives are seconds. */
export interface Outgoing {
  readonly token: { readonly kind: "session" | "access"; readonly value: string };
  readonly expiresIn: number;
  readonly refresh?: { readonly value: string; readonly expiresIn: number } | undefined;
  /** False: a cookie goes with the browser. */
  readonly remembered: boolean;
}

/** Puts a credential on its client's transport: what comes by cookie stands in no body. */
export function writeCredentials(client: Client, secure: boolean, outgoing: Outgoing): Credentials {
  return client.transport === "cookie"
    ? { transport: "cookie", setCookies: cookies(client, secure, outgoing) }
    : { transport: "bearer", ...tokens(outgoing) };
}

/** The access cookie outlives its token: a server that still sees it can say that it expired, and a client refreshes. */
function cookies(
  client: Client,
  secure: boolean,
  { token, expiresIn, refresh, remembered }: Outgoing,
): string[] {
  const maxAge = remembered ? (refresh?.expiresIn ?? expiresIn) : null;
  const access = writeCookie(client.cookieName, token.value, secure, maxAge);
  return refresh === undefined
    ? [access]
    : [access, writeCookie(client.refreshCookieName, refresh.value, secure, maxAge)];
}

function tokens({ token, expiresIn, refresh }: Outgoing): BearerTokens {
  if (token.kind === "session") return { sessionToken: token.value, expiresIn };
  const access = { accessToken: token.value, tokenType: "Bearer", expiresIn } as const;
  return refresh === undefined
    ? access
    : { ...access, refreshToken: refresh.value, refreshExpiresIn: refresh.expiresIn };
}
