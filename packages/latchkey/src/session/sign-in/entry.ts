import { type Refusal, refuse } from "../../errors.ts";
import { readCookie } from "../../read/cookie.ts";
import { deviceCookieName } from "../../token/device.ts";
import type { CallContext, Client, RequestLike, SessionId, SignUpEmail } from "../../types.ts";
import { canonicalEmail } from "../../user/email.ts";
import { checkName } from "../../user/text.ts";
import type { ApiContext } from "../context.ts";

const badEmail = refuse("invalid_input", { detail: "email: not an e-mail address." });

/** Who comes in, by which door, and what they hold already. */
export interface Entry {
  readonly ok: true;
  readonly email: string;
  readonly client: Client;
  readonly replaces: SessionId | null;
  readonly remembered: boolean;
  /** A device token, or what is given out as one. */
  readonly device: string | undefined;
}

/** Finds the client, the address and what the request carries already. */
export async function enter(
  context: ApiContext,
  input: SignUpEmail,
  call: CallContext,
): Promise<Entry | Refusal> {
  const client = pickClient(context.settings.clients, input.client);
  if (client === undefined) {
    const known = [...context.settings.clients.keys()].join(", ");
    return refuse("invalid_input", { detail: `client: name one of ${known}.` });
  }
  const badName = checkName(input.name ?? null);
  if (badName !== undefined) return badName;
  const email = canonicalEmail(input.email);
  if (email === undefined) return badEmail;
  const replaces = call.request === undefined ? null : await findCarried(context, client, call.request);
  const device = client.transport === "bearer" ? input.deviceToken : readDeviceCookie(context, call);
  return { ok: true, email, client, replaces, remembered: input.rememberMe !== false, device };
}

function readDeviceCookie({ settings }: ApiContext, { request }: CallContext): string | undefined {
  const value = readCookie(request?.headers.get("cookie") ?? "", deviceCookieName(settings.secure));
  return value === "refused" ? undefined : value;
}

function pickClient(clients: ReadonlyMap<string, Client>, name: string | undefined): Client | undefined {
  if (name !== undefined) return clients.get(name);
  const [only, second] = clients.values();
  return second === undefined ? only : clients.get("web");
}

/** The session that the same client carries already, whatever other clients' cookies come with it. */
async function findCarried(
  context: ApiContext,
  client: Client,
  request: RequestLike,
): Promise<SessionId | null> {
  const presented = await context.presented(request);
  if ("code" in presented) return null;
  const carried = presented.find(({ held }) => held?.client.name === client.name);
  return carried?.held?.session.id ?? null;
}
