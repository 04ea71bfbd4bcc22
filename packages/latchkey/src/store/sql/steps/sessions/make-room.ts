import type { OpenSession, SessionId, SessionLimit } from "../../../../types.ts";
import { makeRoom } from "../../../rules/session-limit.ts";
import { all, type Scope, type Script } from "../../script.ts";
import { endLive, live } from "../live.ts";

/** Without a session row no client is named: then the caller's word that it is the same one counts. */
export function* endReplaced(scope: Scope, { replaces, session }: OpenSession): Script<void> {
  if (replaces === null) return;
  yield* endLive(scope, { id: replaces, client: session?.client, reason: "replaced" });
}

/** Makes room for one more session of the user; undefined if the limit refuses it. */
export function* evict(
  scope: Scope,
  userId: string,
  limit: SessionLimit | null,
): Script<readonly SessionId[] | undefined> {
  if (limit === null) return [];
  const query = scope.db.selectFrom("latchkey_sessions").select(["id", "created_at"]);
  const rows = yield* all(query.where("user_id", "=", userId).where(live(scope.now)));
  const sessions = rows.map((row) => ({ id: row.id as SessionId, madeAt: row.created_at }));
  const surplus = makeRoom(sessions, limit);
  if (surplus === undefined) return undefined;
  const evicted: SessionId[] = [];
  for (const id of surplus) {
    // One that somebody else ends at this moment makes room too, and was not evicted.
    if ((yield* endLive(scope, { id, reason: "evicted" })) > 0) evicted.push(id);
  }
  return evicted;
}
