import { Overtaken } from "../sql/script.ts";
import { Lost, sqlState } from "./fault.ts";
import type { Limit } from "./pool/limit.ts";
import { InDoubt } from "./statements/ending.ts";

/** How often a step is tried, as long as its time lasts. */
const most = 5;

/**
 * Could not be serialised; deadlock; a unique value that somebody else took after it was looked for. In none of them
 * was anything done.
 */
const passing = new Set(["40001", "40P01", "23505"]);

/**
 * Tries a step again where it was undone for a reason that passes: what others did at the same moment, or a connection
 * that turned out to be closed before the commit was sent.
 */
export async function attempt<T>(limit: Limit, step: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await step();
    } catch (error) {
      const pause = Math.random() * 4 * round;
      if (round >= most || limit.left() < pause + 1 || !mayPass(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof Lost) return !(error instanceof InDoubt);
  return error instanceof Overtaken || passing.has(sqlState(error) ?? "");
}
