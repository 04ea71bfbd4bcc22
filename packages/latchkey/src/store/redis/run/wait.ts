import { makeWake, unref } from "../../../lib/timing/wake.ts";
import type { Link } from "../link/link.ts";
import type { Wait } from "../methods/changes.ts";

/** In ms: how long one `XREAD` blocks; whoever waits goes by a timer of their own. */
const block = 1000;
/** After a fault, in ms: until the connection is back readers look for themselves as often. */
const pause = 100;

/**
 * Lets readers wait for the next entry on a connection that does nothing else. `XREAD` says only that there may be one:
 * it passes over what was trimmed in silence, so what there is the script tells (P7).
 */
export function makeWait(link: Link, key: string): Wait {
  const entry = makeWake();
  /** The places of those who wait. */
  const waiting = new Map<object, number>();
  /** The place after which an `XREAD` is asking now; the entry there exists. */
  let asked: number | undefined;
  let watching = false;

  async function ask(from: number): Promise<boolean> {
    asked = from;
    const command = ["XREAD", "COUNT", "1", "BLOCK", String(block), "STREAMS", key, `${from}-0`];
    const patience = { limit: block * 1.5, lingers: false };
    try {
      return (await link.run(patience, ({ connection }) => connection.sendCommand(command))) !== null;
    } finally {
      asked = undefined;
    }
  }

  async function watch(): Promise<void> {
    watching = true;
    while (waiting.size > 0) {
      // A fault is for the next look at the log to report.
      const found = await ask(Math.min(...waiting.values())).catch(() => sleep(pause).then(() => true));
      if (!found) continue;
      entry.wake();
      // Those who were woken leave before it is asked again.
      await sleep(0);
    }
    watching = false;
  }

  return async (n, milliseconds, signal) => {
    if (asked !== undefined && n < asked) return;
    const who = {};
    waiting.set(who, n);
    if (!watching) void watch();
    await entry.wait(milliseconds, signal);
    waiting.delete(who);
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => unref(setTimeout(resolve, milliseconds)));
}
