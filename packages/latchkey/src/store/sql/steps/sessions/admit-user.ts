import { isBanned } from "../../../../lib/standing.ts";
import type { OpenSession, UserRecord } from "../../../../types.ts";
import { type Answer, makeUser } from "../../../records.ts";
import type { Scope, Script } from "../../script.ts";
import { lockUser } from "../locks.ts";
import { insertUser } from "../users/users.ts";

type Refused = Exclude<Answer<"openSession">, { ok: true }>;

/** Who may sign in at this moment: the one who was checked before, unchanged, or a new one. */
export function* admitUser(scope: Scope, wanted: OpenSession["user"]): Script<UserRecord | Refused> {
  if ("create" in wanted) {
    const made = makeUser(wanted.create, scope.now);
    return (yield* insertUser(scope, made)) ? made : { ok: false, code: "email_taken" };
  }
  // Who signs in at the same moment waits here: the limit counts with that session or before it.
  const user = yield* lockUser(scope, wanted.id);
  if (user === undefined) return { ok: false, code: "user_not_found" };
  if (isBanned(user, scope.now)) return { ok: false, code: "user_banned" };
  if (user.epoch !== wanted.epoch) return { ok: false, code: "conflict" };
  return user;
}
