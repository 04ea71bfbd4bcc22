import { randomBytes } from "node:crypto";
import type { Store } from "latchkey";
import { redisStore } from "latchkey/redis";
import { onTestFinished } from "vitest";

type Target = Parameters<typeof redisStore>[0];
type Options = Parameters<typeof redisStore>[1];

/** A started store with keys of its own, closed when the test is over. */
export async function openRedisStore(target: Target, options: Options = {}): Promise<Store> {
  const store = redisStore(target, { prefix: aPrefix(), ...options });
  onTestFinished(() => store.close());
  await store.start();
  return store;
}

export function aPrefix(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}

/** What a logger was told, by level. */
export function listen(): {
  readonly words: string[];
  readonly logger: NonNullable<NonNullable<Options>["logger"]>;
} {
  const words: string[] = [];
  const note = (level: string) => (_: object, message: string) => {
    words.push(`${level}: ${message}`);
  };
  return { words, logger: { info: note("info"), warn: note("warn"), error: note("error") } };
}

/**
 * Of the contract what another topology could break: who wins of many, and the log. Starting a store takes longer there,
 * and the scripts are the same. `LATCHKEY_WHOLE_CONTRACT=1` runs all of it.
 */
export function someOf(test: (name: string, run: () => Promise<void>) => unknown): typeof test {
  const chosen =
    /^(?:of many|a sign-in cannot|many reads|readChanges|trimChanges|restoreChanges|a position|start may)/;
  const isWhole = process.env.LATCHKEY_WHOLE_CONTRACT === "1";
  return (name, run) => (isWhole || chosen.test(name) ? test(name, run) : undefined);
}
