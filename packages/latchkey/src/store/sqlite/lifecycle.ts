import { LatchkeyError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../types.ts";
import type { SqlDriver } from "../sql/driver.ts";
import { toFault } from "./fault.ts";
import { type OpenDatabase, openDatabase } from "./file/open.ts";
import { noticeRestore } from "./restored.ts";
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

/** What is to be opened, and by whom. */
export interface LifecycleOptions {
  readonly path: string;
  readonly db: SqlDriver["db"];
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly mustExist: boolean;
}

/** Calls of `start` share one attempt; one that failed may be followed by another. `close` is final. */
export function makeLifecycle(options: LifecycleOptions): Lifecycle {
  const { path, logger, mustExist } = options;
  const line = makeWaitingLine(path, { locked });
  let opening: Promise<void> | undefined;
  let opened: OpenDatabase | undefined;
  let replacement: OpenDatabase["replacement"] | undefined;
  let closed = false;

  async function open(exists: boolean): Promise<void> {
    const database = await openDatabase({ ...options, line, mustExist: exists });
    try {
      await line.run(() => noticeRestore(database, options));
    } catch (error) {
      database.close();
      throw error;
    }
    opened = database;
    replacement = database.replacement;
  }

  async function start(): Promise<void> {
    try {
      await open(mustExist);
    } catch (error) {
      opening = undefined;
      throw toFault(path, error);
    }
  }

  /** Another file lies where ours was: from here on it is the database. */
  async function reopen(): Promise<void> {
    const lost = opened;
    opened = undefined;
    lost?.close();
    replacement?.clear();
    try {
      await open(true);
      logger?.warn({ file: path }, `the database file ${path} was replaced; the new one is in use`);
    } catch (error) {
      logger?.error({ file: path, err: error }, `the file that has replaced ${path} cannot be opened`);
    }
  }

  function database(): OpenDatabase {
    if (closed) throw new LatchkeyError("cannot_tell", `the store on ${path} is closed`);
    if (opened?.guard.lost !== false && replacement?.isReady() === true) opening = reopen();
    if (opened !== undefined) return opened;
    const state = replacement === undefined ? "was not started" : "is being opened anew";
    throw new LatchkeyError("cannot_tell", `the store on ${path} ${state}`);
  }

  return {
    database,
    start: async () => {
      if (!closed) opening ??= start();
      await opening;
      database();
    },
    close: async () => {
      if (closed) return;
      closed = true;
      // Whoever is still opening is let finish, so that nothing stays open.
      await opening?.catch(() => undefined);
      opened?.close();
    },
  };
}
