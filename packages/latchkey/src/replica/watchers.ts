import type { Change, LoggedChange } from "../types.ts";
import type { Issued } from "./cache.ts";

/** Somebody who wants to know what becomes of a credential. */
export interface Watcher {
  readonly issued: Issued;
  /** What is known may speak against it now, or show other roles. */
  readonly look: () => void;
  /** What was changed meanwhile may never be told: only the store knows. */
  readonly doubt: () => void;
}

/** Those who watch credentials, by what a change can be about. */
export interface Watchers {
  /** Watches until the answer is called. */
  add(watcher: Watcher): () => void;
  /** Lets those look whom a change concerns. */
  tell(logged: LoggedChange): void;
  /** Lets all ask: the log does not go back as far as what is known. */
  doubtAll(): void;
  readonly size: number;
}

export function makeWatchers(): Watchers {
  const all = new Set<Watcher>();
  const bySession = new Map<string, Set<Watcher>>();
  const byUser = new Map<string, Set<Watcher>>();

  function concerned(change: Change): Iterable<Watcher> {
    switch (change.kind) {
      case "session_ended":
      case "session_epoch":
        return bySession.get(change.sessionId) ?? [];
      case "user_epoch":
      case "user_state":
      case "user_deleted":
        return byUser.get(change.userId) ?? [];
      case "global_epoch":
      case "key_retired":
        return all;
      case "key_added":
        return [];
    }
  }

  return {
    add(watcher) {
      const { sessionId, userId } = watcher.issued;
      all.add(watcher);
      join(bySession, sessionId, watcher);
      join(byUser, userId, watcher);
      return () => {
        all.delete(watcher);
        leave(bySession, sessionId, watcher);
        leave(byUser, userId, watcher);
      };
    },
    tell({ change }) {
      // A copy: whoever looks may leave.
      for (const { look } of [...concerned(change)]) look();
    },
    doubtAll() {
      for (const { doubt } of [...all]) doubt();
    },
    get size() {
      return all.size;
    },
  };
}

function join(index: Map<string, Set<Watcher>>, id: string, watcher: Watcher): void {
  const found = index.get(id);
  if (found === undefined) index.set(id, new Set([watcher]));
  else found.add(watcher);
}

function leave(index: Map<string, Set<Watcher>>, id: string, watcher: Watcher): void {
  const found = index.get(id);
  found?.delete(watcher);
  if (found?.size === 0) index.delete(id);
}
