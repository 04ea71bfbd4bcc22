import type { NewSession, OpenedSession, RefreshSession, SessionRecord, Store } from "../../../types.ts";
import type { Answer } from "../../records.ts";
import { anEntry, makeUserIn, signIn } from "../stage/scene.ts";

/** The grace window of all these cases, in ms. */
export const grace = 10_000;

/** A session, a day long, of a new user, with refresh tokens. */
export async function refreshable(
  store: Store,
  wanted: Partial<NewSession> = {},
): Promise<OpenedSession & { readonly session: SessionRecord }> {
  return signIn(store, await makeUserIn(store), { refreshSalt: "salt", expiresIn: 86_400, ...wanted });
}

/** The refresh token of that generation, as its client presents it. */
export function token(
  session: Pick<SessionRecord, "id" | "client" | "userId" | "epoch">,
  generation: number,
  rotationKey: string | null = null,
): RefreshSession {
  const { id, client, userId, epoch } = session;
  const audit = anEntry("refresh_reused", { userId, sessionId: id, detail: { generation } });
  return { id, client, generation, epoch, grace, rotationKey, audit };
}

/** What became of it, and the generation to answer with; of a refusal the code. */
export function seen(answer: Answer<"refreshSession">): string {
  return answer.ok ? `${answer.outcome} ${answer.session.generation}` : answer.code;
}
