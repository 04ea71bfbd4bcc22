import { LatchkeyError } from "../../errors.ts";
import type { SqlDriver } from "../sql/driver.ts";
import { toFault } from "./fault.ts";
import { type OpenDatabase, openDatabase } from "./file/open.ts";
import { makeWaitingLine } from "./waiting/waiting-line.ts";

/** How long `start` waits for others that start or end at the same time, in ms. */
const locked = 1500;

/** From the first start to the end. */
export interface Lifecycle {
  start(): Promise<void>;
  close(): Promise<void>;
  /** The open database; throws `cannot_tell` before and after. */
  database(): OpenDatabase;
}

/** Calls of `start` share one attempt; one that failed may be followed by another. `close` is final. */
export function makeLifecycle(path: string, db: SqlDriver["db"]): Lifecycle {
  const line = makeWaitingLine(path, { locked });
  let opening: Promise<void> | undefined;
  let opened: OpenDatabase | undefined;
  let closed = false;

  function database(): OpenDatabase {
    if (opened !== undefined && !closed) return opened;
    throw new LatchkeyError(
      "cannot_tell",
      `the store on ${path} ${closed ? "is closed" : "was not started"}`,
    );
  }

  async function open(): Promise<void> {
    try {
      opened = await openDatabase(path, db, line);
    } catch (error) {
      opening = undefined;
      throw toFault(path, error);
    }
  }

  return {
    database,
    start: async () => {
      if (!closed) opening ??= open();
      await opening;
      database();
    },
    close: async () => {
      if (closed) return;
      closed = true;
      // Whoever is still starting is let finish, so that nothing stays open.
      await opening?.catch(() => undefined);
      opened?.close();
    },
  };
}
