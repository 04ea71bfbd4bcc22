import fc from "fast-check";
import type { Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { expect } from "vitest";

/** A call of the port, which any store is to answer as the memory store does. */
export interface Step {
  readonly words: string;
  run(store: Store): Promise<unknown>;
}

export function step<Input extends unknown[]>(
  name: keyof Store,
  inputs: { [Name in keyof Input]: fc.Arbitrary<Input[Name]> },
  run: (store: Store, ...input: Input) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return fc.tuple(...inputs).map((input) => ({
    words: `${name} ${fc.stringify(input)}`,
    run: (store) => run(store, ...(input as Input)),
  }));
}

/** What is put to the test. */
interface Comparison {
  readonly step: fc.Arbitrary<Step>;
  /** Milliseconds between two steps. */
  readonly pauses: readonly number[];
  readonly steps: { readonly minLength: number; readonly maxLength: number };
  readonly runs: number;
  /** Opens a store without rows that goes by the clock. */
  readonly open: (clock: () => number) => Store;
  /** Compared in the end. */
  readonly contents?: (store: Store) => Promise<unknown>;
}

/** Runs sequences of steps on the store and on the memory store at one time, and expects the same answers. */
export async function expectSameAnswers({
  step,
  pauses,
  steps,
  runs,
  open,
  contents,
}: Comparison): Promise<void> {
  const list = fc.array(fc.tuple(step, fc.constantFrom(...pauses)), steps);
  const same = fc.asyncProperty(list, async (taken) => {
    let now = 1_800_000_000_789;
    const clock = () => now;
    const [store, memory] = [open(clock), memoryStore({ clock })];
    await store.start();
    try {
      for (const [{ words, run }, pause] of taken) {
        now += pause;
        expect(await seen(run(store)), words).toEqual(await seen(run(memory)));
      }
      expect(await contents?.(store)).toEqual(await contents?.(memory));
    } finally {
      await store.close();
    }
  });
  await fc.assert(same, { numRuns: runs });
}

/** An answer, or the code of a fault: the id of a retired key, say, may come again. */
function seen(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((fault: { code: string }) => fault.code);
}
