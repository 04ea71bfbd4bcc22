import type { SessionId, SessionRead, Store } from "../../types.ts";

/** No session has this id. */
const noSession = "" as SessionId;

/** What the port's one read shows of the store itself, for what has neither session nor user. */
export function readGlobalEpoch(
  store: Pick<Store, "readSession">,
): Promise<Pick<SessionRead, "globalEpoch" | "keysVersion" | "now">> {
  return store.readSession(noSession);
}
