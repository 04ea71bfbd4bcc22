import { sql } from "kysely";
import type { SessionId, SessionRecord } from "../../../../types.ts";
import type { Answer } from "../../../records.ts";
import { toSession } from "../../rows/session.ts";
import { all, first, type Scope, type Script } from "../../script.ts";
import { live } from "../live.ts";

export function* listSessions(
  { db, now }: Scope,
  userId: string,
  limit: number | undefined,
): Script<readonly SessionRecord[]> {
  const query = db.selectFrom("latchkey_sessions").selectAll().where("user_id", "=", userId).where(live(now));
  const sorted = query.orderBy("created_at", "desc").orderBy("last_seen_at", "desc").orderBy("id");
  const rows = yield* all(sorted.$if(limit !== undefined, (it) => it.limit(limit ?? 0)));
  return rows.map(toSession);
}

export function* touchSession({ db, now }: Scope, id: SessionId, minAge: number): Script<boolean> {
  const idle = sql<number>`${now} + idle_timeout * 1000`;
  const touched = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set({ last_seen_at: now })
      .set("dies_at", sql<number>`case when ${idle} < expires_at then ${idle} else expires_at end`)
      .where("id", "=", id)
      .where("last_seen_at", "<", now - minAge)
      .where(live(now))
      .returning("id"),
  );
  return touched !== undefined;
}

/** `data` comes as JSON. */
export function* updateSession(
  { db, now }: Scope,
  id: SessionId,
  version: number,
  data: string,
): Script<Answer<"updateSession">> {
  const row = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set({ data, version: version + 1 })
      .where("id", "=", id)
      .where("version", "=", version)
      .where(live(now))
      .returningAll(),
  );
  if (row !== undefined) return { ok: true, session: toSession(row) };
  const isLive = db.selectFrom("latchkey_sessions").select("id").where("id", "=", id).where(live(now));
  return { ok: false, code: (yield* first(isLive)) === undefined ? "session_ended" : "conflict" };
}
