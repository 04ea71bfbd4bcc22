import type { Change, LoggedChange } from "../../types.ts";
import type { Moment } from "../currency.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";

/**
 * What this process has changed itself and has not met in the log yet. Whoever asked was answered, so it must not get
 * lost: if the log comes to its end without it, the store was put back to a copy that lacks it, or failed over to one.
 */
export interface OwnChanges {
  /** Takes in what was just committed. */
  note(logged: readonly LoggedChange[], at: Moment, keepFor: number): void;
  /** It is in the log. */
  meet(logged: readonly LoggedChange[]): void;
  /** What should have been in a log that was read to its end by a question asked then. */
  missing(asked: Moment): readonly Change[];
  /** It has been made good. */
  forget(changes: readonly Change[]): void;
  clear(): void;
}

export function makeOwnChanges(knowledge: Pick<Knowledge, "knows" | "apply">): OwnChanges {
  const pending = new Map<string, { readonly change: Change; readonly since: number }>();
  return {
    note(logged, { monotonic: since }, keepFor) {
      for (const one of logged) {
        const { change } = one;
        // The log was quicker, or there is nothing in it that could be made good.
        if (change.kind === "key_added" || knowledge.knows(change)) continue;
        knowledge.apply(one, keepFor);
        pending.set(JSON.stringify(change), { change, since });
      }
    },
    meet(logged) {
      if (pending.size === 0) return;
      for (const { change } of logged) pending.delete(JSON.stringify(change));
    },
    missing: ({ monotonic }) =>
      [...pending.values()].flatMap(({ change, since }) => (since <= monotonic ? [change] : [])),
    forget(changes) {
      for (const change of changes) pending.delete(JSON.stringify(change));
    },
    clear: () => pending.clear(),
  };
}
