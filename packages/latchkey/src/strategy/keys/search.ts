import type { MaybePromise } from "../../lib/maybe-promise.ts";
import type { Keyring } from "../../token/keyring.ts";

/** Most headers that are remembered: far more keys than there ever are. */
const maxGone = 1000;

/** Looks in the store for keys that a token names and this process does not know. */
export interface KeySearch {
  /**
   * The keys with one of this header; undefined: there is none. To be asked only for headers under our mark: each costs
   * one reading of the keys, and none once it is known to be gone.
   */
  readonly find: (header: string) => MaybePromise<Keyring | undefined>;
  /** No key has this header any more. */
  readonly forget: (header: string) => void;
}

export function makeKeySearch(read: () => Promise<Keyring>): KeySearch {
  // A key is in the store before it signs: what was not there after its token was seen never will be again.
  const gone = new Set<string>();
  let running: { readonly header: string; readonly found: Promise<Keyring> } | undefined;

  function forget(header: string): void {
    if (gone.size >= maxGone) gone.clear();
    gone.add(header);
  }

  function begin(header: string): NonNullable<typeof running> {
    const found = read().finally(() => {
      running = undefined;
    });
    running = { header, found };
    return running;
  }

  async function search(header: string): Promise<Keyring | undefined> {
    const joined = running ?? begin(header);
    const keyring = await joined.found;
    if (keyring.access.has(header)) return keyring;
    // What began for the sake of another header may have been read before this key was made.
    if (joined.header !== header) return search(header);
    forget(header);
    return undefined;
  }

  return { forget, find: (header) => (gone.has(header) ? undefined : search(header)) };
}
