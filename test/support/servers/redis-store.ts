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
