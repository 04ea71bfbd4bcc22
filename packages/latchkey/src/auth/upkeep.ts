import { declare } from "../session/changes/longest.ts";
import type { Background } from "../strategy/strategy.ts";
import type { ChangesPage, Settings, Store } from "../types.ts";

/** What is kept up with, by whom. */
export interface UpkeepParts {
  readonly store: Store;
  readonly settings: Settings;
  readonly background: Background;
}

/** How often the log is trimmed and the lives of tokens are declared anew, in milliseconds. */
const trimEvery = 60_000;
const declareEvery = 3_600_000;
/** Entries of the log that are removed at once. */
const batch = 1000;

/** What is done now and then: removing what is too old to matter, and saying again what others must reckon with. */
export function makeHousekeeping({
  store,
  settings,
  background,
}: UpkeepParts): (page: ChangesPage, now: number) => void {
  let [trimmed, declared] = [0, 0];
  return ({ longestLife }, now) => {
    if (now - trimmed >= trimEvery) {
      trimmed = now;
      background(trim(store, longestLife + 2 * trimEvery), "trimming the change log");
    }
    if (now - declared < declareEvery) return;
    if (declared > 0) background(declare(store, settings), "declaring the life of tokens");
    declared = now;
  };
}

async function trim(store: Store, age: number): Promise<void> {
  while ((await store.trimChanges(age, batch)) >= batch) await new Promise((next) => setTimeout(next, 0));
}
