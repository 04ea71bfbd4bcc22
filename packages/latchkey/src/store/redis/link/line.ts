import type { Connection, Dial } from "./connection.ts";
import { makeServerClock, type ServerClock } from "./server-clock.ts";
import { settleWithin } from "./settle-within.ts";

/** A connection that was found to lead where it should. */
export interface Line {
  readonly connection: Connection;
  readonly clock: ServerClock;
  /** For how many seconds its server may have heard nothing of its replicas; undefined: for ever. */
  fence: number | undefined;
  /** When its server last answered, by our monotonic clock. */
  heardAt: number;
}

/** What it takes to make one. */
export interface LineOptions {
  readonly dial: Dial;
  /** Says whether a new connection leads where it should, and finds out about its server's clock and fence. */
  readonly welcome: (line: Line) => Promise<void>;
}

/** In ms: how long each part of it may take. */
const opening = 2000;

/** Makes one; what goes wrong leaves nothing open. `onLoss` is told when it breaks, also while it is being made. */
export async function makeLine(
  { dial, welcome }: LineOptions,
  onLoss: (connection: Connection, error: Error) => void,
): Promise<Line> {
  const connection = await settleWithin(opening, dial());
  connection.on("error", (error) => onLoss(connection, error));
  try {
    await settleWithin(opening, connection.connect());
    const line: Line = { connection, clock: makeServerClock(), fence: undefined, heardAt: 0 };
    await settleWithin(opening, welcome(line));
    line.heardAt = performance.now();
    return line;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
