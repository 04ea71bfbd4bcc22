import { LatchkeyError } from "../../errors.ts";
import type { Issued } from "../../strategy/strategy.ts";
import type { Client, SessionView, SignedIn } from "../../types.ts";
import { writeCredentials } from "../../write/credentials.ts";
import type { ApiContext } from "../context.ts";
import { loaded } from "../view.ts";

/** The answer to whoever just got a credential. */
export function signedIn(
  context: ApiContext,
  client: Client,
  issued: Issued,
  given: { readonly remembered: boolean; readonly refreshHeld?: boolean; readonly device?: string },
): SignedIn {
  const { token, expiresIn, refresh } = issued;
  const outgoing = { token, expiresIn, refresh, ...given };
  const credentials = writeCredentials(client, context.settings.secure, outgoing);
  return { ...loaded(context.settings, issued.opened, issued.session), credentials };
}

/** A cookie that goes with the browser keeps doing so: a session as short as that was not to be remembered. */
export function wasRemembered({ settings }: ApiContext, client: Client, session: SessionView): boolean {
  const life = (session.expiresAt - session.createdAt) / 1000;
  const rowless = client.strategy === "jwt" && !client.refresh;
  return rowless || life > settings.session.expiresInNotRemembered;
}

/** The client of an accepted credential. */
export function clientOf(context: ApiContext, name: string): Client {
  const client = context.settings.clients.get(name);
  if (client === undefined) throw new LatchkeyError("misuse", `there is no client "${name}"`);
  return client;
}
