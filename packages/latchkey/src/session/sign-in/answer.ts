import { LatchkeyError } from "../../errors.ts";
import type { Issued } from "../../strategy/strategy.ts";
import type { Client, SignedIn } from "../../types.ts";
import { writeCredentials } from "../../write/credentials.ts";
import type { ApiContext } from "../context.ts";
import { publicUser } from "../view.ts";

/** The answer to whoever just got a credential. */
export function signedIn(context: ApiContext, client: Client, issued: Issued, remembered: boolean): SignedIn {
  const { kind, value } = issued.token;
  const { expiresIn } = issued;
  const credentials = writeCredentials(client, context.settings.secure, {
    kind,
    value,
    expiresIn,
    remembered,
  });
  return {
    ok: true,
    user: publicUser(issued.opened.user, issued.opened.now),
    session: issued.session,
    credentials,
  };
}

/** The client of an accepted credential. */
export function clientOf(context: ApiContext, name: string): Client {
  const client = context.settings.clients.get(name);
  if (client === undefined) throw new LatchkeyError("misuse", `there is no client "${name}"`);
  return client;
}
