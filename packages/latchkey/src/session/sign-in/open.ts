import { type Refusal, refuse } from "../../errors.ts";
import { makeDeviceToken } from "../../token/device.ts";
import type {
  CallContext,
  NewSession,
  OpenedSession,
  OpenSession,
  SessionId,
  SignedIn,
} from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { auditEntry, readUserAgent } from "../events/entry.ts";
import { signedIn } from "./answer.ts";
import type { Entry } from "./entry.ts";

/** Makes the session and the credential for someone who may come in: the one step that decides is the store's. */
export async function openAs(
  context: ApiContext,
  entry: Entry,
  call: CallContext,
  { type, user }: { readonly type: "signed_in" | "signed_up"; readonly user: OpenSession["user"] },
): Promise<SignedIn | Refusal> {
  const { client, remembered, replaces } = entry;
  const userId = "create" in user ? user.create.id : user.id;
  const audit = auditEntry(type, { ...call, actor: userId }, { userId, client: client.name });
  let evicted: readonly SessionId[] = [];
  const open = async (session: NewSession | null): Promise<OpenedSession | Refusal> => {
    const { limit } = context.settings.session;
    const written = { ...audit, sessionId: session?.id ?? null };
    const opened = await context.store.openSession({ user, session, replaces, limit, audit: written });
    if (!opened.ok) return refuse(opened.code === "user_not_found" ? "invalid_credentials" : opened.code);
    evicted = opened.evicted;
    return opened;
  };
  const arrival = { amr: ["pwd"], ip: audit.ip, userAgent: readUserAgent(call.request), remembered };
  const issued = await context.strategies[client.strategy].issue(client, arrival, open);
  context.sweep();
  if (!issued.ok) return issued;
  context.events.emit({ ...audit, sessionId: issued.session.id });
  for (const sessionId of evicted) {
    context.events.record(auditEntry("session_evicted", { ...call, actor: userId }, { userId, sessionId }));
  }
  const { macs } = await context.keyring();
  const device = await makeDeviceToken(macs.device, userId);
  return signedIn(context, client, issued, { remembered, device });
}
