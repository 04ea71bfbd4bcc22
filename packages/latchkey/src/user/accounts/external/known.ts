import type { Refusal } from "../../../errors.ts";
import { noteOf, type Sides, syncNow } from "./sync.ts";

/** Runs a step; if we do not know the user but the application does, makes the record and runs it again. */
export async function knownTo<
  Answer extends { readonly ok: true } | { readonly ok: false; readonly code: Refusal["code"] },
>(sides: Sides, userId: string, step: () => Promise<Answer>): Promise<Answer> {
  const answer = await step();
  if (answer.ok || answer.code !== "user_not_found") return answer;
  const { user } = await syncNow(sides, userId, noteOf({}));
  return user === undefined ? answer : step();
}
