import type { OpenSession } from "../../../../types.ts";
import { type Answer, makeSession } from "../../../records.ts";
import { fromSession } from "../../rows/session.ts";
import { run, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { readMeta } from "../locks.ts";
import { admitUser } from "./admit-user.ts";
import { endReplaced, evict } from "./make-room.ts";

export function* openSession(scope: Scope, input: OpenSession): Script<Answer<"openSession">> {
  const { db, now } = scope;
  const user = yield* admitUser(scope, input.user);
  if ("ok" in user) return user;
  const { global_epoch: globalEpoch, keys_version: keysVersion } = yield* readMeta(scope);
  yield* endReplaced(scope, input);
  const evicted = input.session === null ? [] : yield* evict(scope, user.id, input.limit);
  if (evicted === undefined) return { ok: false, code: "session_limit" };
  const epochs = { userEpoch: user.epoch, globalEpoch };
  const session = input.session && makeSession(input.session, user.id, epochs, now);
  if (session !== null) yield* run(db.insertInto("latchkey_sessions").values(fromSession(session, now)));
  yield* writeAudit(scope, input.audit);
  return { ok: true, user, session, globalEpoch, keysVersion, now, evicted };
}
