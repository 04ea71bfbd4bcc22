import type { SessionRecord } from "../../../../types.ts";
import { limitOf } from "../../../records.ts";
import type { RefreshChange } from "../../../rules/refresh.ts";
import { toSession } from "../../rows/session.ts";
import { first, Overtaken, type Scope, type Script } from "../../script.ts";
import { live } from "../live.ts";

/** Only what a refresh changes, and only of the row that was judged. */
export function* writeRefresh(
  { db, now }: Scope,
  judged: SessionRecord,
  change: RefreshChange,
): Script<SessionRecord> {
  const { generation, rotatedAt, rotationKey, lastSeenAt } = change;
  const row = yield* first(
    db
      .updateTable("latchkey_sessions")
      .set({ generation, rotated_at: rotatedAt, rotation_key: rotationKey, last_seen_at: lastSeenAt })
      .set({ dies_at: limitOf({ ...judged, lastSeenAt }) })
      .where("id", "=", judged.id)
      .where("generation", "=", judged.generation)
      .where("epoch", "=", judged.epoch)
      .where(live(now))
      .returningAll(),
  );
  // The row and its user are locked. The global epoch is not, and where others write meanwhile it may have risen.
  if (row === undefined) throw new Overtaken("a session changed while it was locked");
  return toSession(row);
}
