import type { Clock } from "../lib/clock.ts";
import type { Store } from "../types.ts";
import { cases } from "./contract/cases.ts";
import { makeClock } from "./contract/stage/scene.ts";

/** A store to be put to the test. */
export interface StoreUnderTest {
  /** Started, without rows. */
  readonly store: Store;
  /** Another started handle on the same data, e.g. over a connection of its own. */
  readonly second?: Store;
  /**
   * Notes what the users, the sessions and what the store has one of are at this moment, and gives what puts them back
   * so, as an older copy would. Left out where nothing outlives the store.
   */
  copy?(): Promise<() => Promise<void>>;
  /** Closes what was opened and removes the data. */
  dispose(): Promise<void>;
}

/** Input of {@link storeContract}. */
export interface StoreContractOptions {
  /** Registers one test with the runner at hand; `test` of vitest, `node:test`, Jest and Mocha fit. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** Opens a store that goes by the clock given. Called once for each test. */
  readonly open: (options: { readonly clock: Clock }) => Promise<StoreUnderTest>;
}

/** The suite that every store must pass: each sentence of the port's docblocks, alone and in parallel. */
export function storeContract({ test, open }: StoreContractOptions): void {
  for (const [sentence, prove] of cases) {
    test(sentence, async () => {
      const clock = makeClock();
      const { store, second, copy, dispose } = await open({ clock: clock.read });
      try {
        await prove({ store, handles: [store, second ?? store], clock, copy });
      } finally {
        await dispose();
      }
    });
  }
}
