import type { RecordExchange } from "../../../types.ts";
import { exchangedFor } from "../../rules/changes.ts";
import { first, run, type Scope, type Script } from "../script.ts";
import { live } from "./live.ts";
import { lockUser } from "./locks.ts";
import { replaceUser } from "./users/users.ts";

export function* recordExchange(scope: Scope, exchange: RecordExchange): Script<boolean> {
  const user = yield* lockUser(scope, exchange.userId);
  if (user?.epoch !== exchange.userEpoch || !(yield* noteWithSession(scope, exchange))) return false;
  const noted = exchangedFor(user, exchange.audience);
  if (noted !== user) yield* replaceUser(scope, user, noted);
  return true;
}

/** `false` if the session is over; one without a row has nothing to note it with. */
function* noteWithSession(
  { db, now }: Scope,
  { sessionId: id, userId, audience }: RecordExchange,
): Script<boolean> {
  const query = db.selectFrom("latchkey_sessions").where("id", "=", id);
  const row = yield* first(query.selectAll().where("user_id", "=", userId).where(live(now)).forUpdate());
  if (row === undefined) return (yield* first(query.select("id"))) === undefined;
  const before = { audiences: JSON.parse(row.audiences) as readonly string[] };
  const { audiences } = exchangedFor(before, audience);
  if (audiences === before.audiences) return true;
  const set = { audiences: JSON.stringify(audiences) };
  yield* run(db.updateTable("latchkey_sessions").set(set).where("id", "=", id));
  return true;
}
