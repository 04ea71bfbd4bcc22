import type { SessionId, SessionLimit, SessionRecord } from "../../types.ts";

/** Which of the user's live sessions make room for one more, oldest first; undefined: the limit refuses it. */
export function makeRoom(
  live: readonly Pick<SessionRecord, "id" | "createdAt">[],
  limit: SessionLimit | null,
): readonly SessionId[] | undefined {
  if (limit === null || live.length < limit.max) return [];
  if (limit.onLimit === "refuse") return undefined;
  // More than one where the limit has been lowered since.
  const surplus = live.length - Math.max(limit.max - 1, 0);
  const oldestFirst = [...live].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  return oldestFirst.slice(0, surplus).map(({ id }) => id);
}
