import { resolve } from "node:path";
import { misuse } from "../errors.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Logger, Store } from "../types.ts";
import { sqlStore } from "./sql/store.ts";
import { makeBuilder } from "./sqlite/builder.ts";
import { sqliteDriver } from "./sqlite/driver.ts";
import { makeLifecycle } from "./sqlite/lifecycle.ts";

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** Default: the system's. For tests. */
  readonly clock?: Clock;
  /** Told when the database stops answering and when it answers again. */
  readonly logger?: Logger;
  /**
   * True: `start` makes and changes nothing; a file that is missing, holds none of our tables or is another release's
   * is a `misuse`. For tools beside a server. Default false.
   */
  readonly mustExist?: boolean;
}

/**
 * A store in one SQLite file, for one process or several on one machine. The file and its folder are made by
 * `start` where they are missing; nothing is opened before. A path that is not absolute is taken from the folder in
 * which the process runs now.
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  if (path === "" || path === ":memory:") misuse("sqliteStore() needs the path of a file; see memoryStore()");
  const file = resolve(path);
  const db = makeBuilder();
  const { clock = systemClock, logger, mustExist = false } = options;
  const shared = { path: file, db, clock, logger };
  const { start, close, database } = makeLifecycle({ ...shared, mustExist });
  return { start, close, ...sqlStore(sqliteDriver({ ...shared, database })) };
}
