import { resolve } from "node:path";
import { LatchkeyError, misuse } from "../errors.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Store } from "../types.ts";
import { sqlStore } from "./sql/store.ts";
import { makeBuilder } from "./sqlite/builder.ts";
import { sqliteDriver } from "./sqlite/driver.ts";
import { toFault } from "./sqlite/fault.ts";
import { type OpenDatabase, openDatabase } from "./sqlite/open.ts";
import { makeWaitingLine } from "./sqlite/waiting-line.ts";

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** Default: the system's. For tests. */
  readonly clock?: Clock;
}

/** How long `start` waits for others that start at the same time, in ms. */
const startPatience = 2000;

/**
 * A store in one SQLite file, for one process or several on one machine. The file and its folder are made by
 * `start` where they are missing. Nothing is opened before.
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  if (path === "" || path === ":memory:") misuse("sqliteStore() needs the path of a file; see memoryStore()");
  const file = resolve(path);
  const db = makeBuilder();
  const line = makeWaitingLine(file, startPatience);
  let opening: Promise<OpenDatabase> | undefined;
  let opened: OpenDatabase | undefined;
  let closed = false;

  function database(): OpenDatabase {
    if (opened !== undefined && !closed) return opened;
    const state = closed ? "is closed" : "was not started";
    throw new LatchkeyError("cannot_tell", `the store on ${file} ${state}`);
  }

  async function open(): Promise<OpenDatabase> {
    try {
      opened = await openDatabase(file, db, line);
      return opened;
    } catch (error) {
      opening = undefined; // the next call may find it mended
      throw toFault(file, error);
    }
  }

  return {
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
    ...sqlStore(sqliteDriver({ path: file, db, clock: options.clock ?? systemClock, database })),
  };
}
