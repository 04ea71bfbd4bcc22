import { type Refusal, refuse } from "../../../errors.ts";
import { publicUser } from "../../../session/view.ts";
import type { CallContext, UserChanged } from "../../../types.ts";
import { noteOf, type Sides, syncNow } from "./sync.ts";

/** The application says that it changed a user: reads what, and applies it. */
export async function userChanged(
  sides: Sides,
  userId: string,
  call: CallContext,
): Promise<UserChanged | Refusal> {
  const { user, changed, ended } = await syncNow(sides, userId, noteOf(call));
  if (user === undefined && changed.length === 0 && ended === 0) return refuse("user_not_found");
  const shown = user === undefined ? null : publicUser(user, sides.clock());
  return { ok: true, user: shown, changed, revoked: ended };
}
