import { LatchkeyError } from "../../../errors.ts";
import type { Connection } from "../link/connection.ts";
import type { Line } from "../link/line.ts";
import type { Link } from "../link/link.ts";
import { makeServerClock } from "../link/server-clock.ts";
import { settleWithin } from "../link/settle-within.ts";
import { toFault } from "../run/fault.ts";

/** In ms: how long it may take to find out what is there. */
const opening = 2000;
/** How much of it a call may spend that has a step to do: with more, the step could begin after its caller was answered. */
const blink = 200;

/**
 * A link over requests. Nothing goes on between two calls: where a process answers one request at a time and then stands
 * still, whatever one left to be done another could wait for in vain.
 */
export function restLink(connection: Connection, welcome: (line: Line) => Promise<void>): Link {
  let line: Line | undefined;
  let closed = false;

  async function found(): Promise<Line> {
    if (closed) throw new LatchkeyError("cannot_tell", "the Redis store is closed");
    if (line !== undefined) return line;
    const made: Line = { connection, clock: makeServerClock(), fence: undefined, heardAt: 0 };
    try {
      await settleWithin(opening, welcome(made));
    } catch (error) {
      throw toFault(error);
    }
    line = made;
    return made;
  }

  return {
    open: async () => void (await found()),
    run: async ({ limit }, work) => settleWithin(limit, work(await settleWithin(blink, found()))),
    // The next call asks anew what is there.
    lose: () => {
      line = undefined;
    },
    suspect: () => undefined,
    beat: () => undefined,
    close: () => {
      closed = true;
    },
  };
}
