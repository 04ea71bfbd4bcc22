import { makeWake } from "../../../lib/timing/wake.ts";
import type { Link } from "../link/link.ts";
import type { Wait } from "../methods/changes.ts";

/** In ms: how long one look may take. */
const limit = 1000;

/** Waiting for the next entry. */
export interface Polling {
  readonly wait: Wait;
  /** Lets all go who wait now. */
  readonly stop: () => void;
}

/** Lets readers wait for the next entry by looking now and then: over HTTP nothing blocks. */
export function makePolling(link: Link, key: string, interval: number): Polling {
  const pauses = makeWake();

  async function newest(): Promise<number> {
    const command = ["XREVRANGE", key, "+", "-", "COUNT", "1"];
    const patience = { limit, lingers: false };
    const found = await link.run(patience, ({ connection }) => connection.sendCommand(command));
    return Array.isArray(found) && Array.isArray(found[0]) ? Number.parseInt(String(found[0][0]), 10) : 0;
  }

  const wait: Wait = async (n, milliseconds, signal) => {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && signal?.aborted !== true; left = end - performance.now()) {
      await pauses.wait(Math.min(interval, left), signal);
      // A fault is for the next look at the log to report.
      if ((await newest().catch(() => Number.POSITIVE_INFINITY)) > n) return;
    }
  };

  return { wait, stop: () => pauses.wake() };
}
