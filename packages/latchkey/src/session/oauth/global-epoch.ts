import type { SessionId, SessionRead, Store } from "../../types.ts";

/** No session has this id. */
const noSession = "" as SessionId;

/** The global epoch and the store's clock, for what has neither session nor user: the port's one read shows both. */
export function readGlobalEpoch(
  store: Pick<Store, "readSession">,
): Promise<Pick<SessionRead, "globalEpoch" | "now">> {
  return store.readSession(noSession);
}
