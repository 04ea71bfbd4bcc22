import type { Logger } from "../../../types.ts";
import { makeOutage } from "../../sql/outage.ts";
import { withFaults } from "../fault.ts";
import { makeWaitingLine, type WaitingLine } from "./waiting-line.ts";

/** In ms. With the work itself an answer stays below the 250 ms of an outage. */
const locked = 150;

/** In ms. Costs a process that writes without end about a tenth of its speed, and lets the others live. */
const stretch = 10;

/** Does synchronous work at once or, while somebody else holds the lock, later; what goes wrong is `cannot_tell`. */
export type Attempt = <Result>(work: () => Result) => Promise<Result>;

/** Reads have a line of their own: they do not wait behind those that write. */
export function makeAttempts(
  path: string,
  logger: Logger | undefined,
): { read: Attempt; write: Attempt; follow: Attempt } {
  const outage = makeOutage({ file: path }, path, logger);
  const makeAttempt = (line: WaitingLine): Attempt => {
    return async (work) => {
      try {
        const result = await line.run(() => withFaults(path, work));
        outage.ends();
        return result;
      } catch (error) {
        outage.begins(error);
        throw error;
      }
    };
  };
  return {
    read: makeAttempt(makeWaitingLine(path, { locked })),
    write: makeAttempt(makeWaitingLine(path, { locked, stretch })),
    // Whoever follows the log waits behind nobody either: what it writes is short, and it is not many.
    follow: makeAttempt(makeWaitingLine(path, { locked })),
  };
}
