import type { Client, Credentials } from "../types.ts";
import { writeCookie } from "./cookie.ts";

/** A credential on its way to its client. */
export interface Outgoing {
  readonly kind: "session" | "access";
  readonly value: string;
  /** Seconds until it ends. */
  readonly expiresIn: number;
  /** False: a cookie goes with the browser. */
  readonly remembered: boolean;
}

/** Puts a credential on its client's transport: what comes by cookie stands in no body. */
export function writeCredentials(client: Client, secure: boolean, outgoing: Outgoing): Credentials {
  const { kind, value, expiresIn, remembered } = outgoing;
  if (client.transport === "cookie") {
    const cookie = writeCookie(client, value, secure, remembered ? expiresIn : null);
    return { transport: "cookie", setCookies: [cookie] };
  }
  return kind === "session"
    ? { transport: "bearer", sessionToken: value, expiresIn }
    : { transport: "bearer", accessToken: value, tokenType: "Bearer", expiresIn };
}
