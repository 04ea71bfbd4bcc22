import type { Context } from "hono";
import type { CheckContext } from "../../types.ts";

/** The bindings of `@hono/node-server` hold Node's request. */
export function nodeAddress(bindings: unknown): string | undefined {
  const { incoming } = (bindings ?? {}) as { incoming?: { socket?: { remoteAddress?: unknown } } };
  const address = incoming?.socket?.remoteAddress;
  return typeof address === "string" ? address : undefined;
}

/**
 * Runtimes that stop between two requests let work go on after an answer. Where there is no such thing Hono throws, which
 * costs more than the whole check: it is asked once, as all requests of an application run where the first one does.
 */
export function makeCheckContext(): (c: Context) => CheckContext | undefined {
  let isThere: boolean | undefined;
  return (c) => {
    isThere ??= hasExecutionContext(c);
    return isThere ? { waitUntil: (work) => c.executionCtx.waitUntil(work) } : undefined;
  };
}

function hasExecutionContext(c: Context): boolean {
  try {
    return c.executionCtx !== undefined;
  } catch {
    return false;
  }
}
