import type { SessionId, SessionLimit } from "../../types.ts";

/** A live session and the moment at which it was made, to the millisecond. */
export interface AgedSession {
  readonly id: SessionId;
  readonly madeAt: number;
}

/** Which of the user's live sessions make room for one more, oldest first; undefined: the limit refuses it. */
export function makeRoom(
  live: readonly AgedSession[],
  limit: SessionLimit | null,
): readonly SessionId[] | undefined {
  if (limit === null || live.length < limit.max) return [];
  if (limit.onLimit === "refuse") return undefined;
  // More than one where the limit has been lowered since.
  const surplus = live.length - Math.max(limit.max - 1, 0);
  const oldestFirst = [...live].sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  return oldestFirst.slice(0, surplus).map(({ id }) => id);
}
