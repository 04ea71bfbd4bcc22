import { makeWake, unref } from "../../../lib/timing/wake.ts";
import type { ChangesPage } from "../../../types.ts";
import { parsePosition } from "../../rules/position.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import type { Connection } from "../connection.ts";
import type { OpenDatabase } from "../file/open.ts";

/** How often the file is asked whether another process has written, in ms. Asking takes about 2 µs. */
const interval = 5;

/** Lets readers of the log wait for the next entry. */
export interface LogWait {
  readonly wait: SqlDriver["wait"];
  /** This process has written one. */
  readonly wake: () => void;
}

/**
 * This process wakes itself; that another one has written shows in SQLite's `data_version`, which says so of any write,
 * so that then the newest entry is looked at: a lease that somebody renews wakes nobody.
 */
export function makeLogWait(database: () => OpenDatabase): LogWait {
  const entry = makeWake();
  return {
    wake: entry.wake,
    async wait(page, milliseconds, signal) {
      const { following } = database();
      let seen = versionOf(following);
      if (hasMoved(following, page)) return;
      const look = (): void => {
        const found = versionOf(following);
        if (found === seen) return;
        seen = found;
        if (hasMoved(following, page)) entry.wake();
      };
      // A fault is for the next look at the log to report.
      const poll = unref(setInterval(() => attempt(look, entry.wake), interval));
      await entry.wait(milliseconds, signal);
      clearInterval(poll);
    },
  };
}

function versionOf(connection: Connection): unknown {
  return connection.answer({ sql: "pragma data_version", parameters: [], one: true }).values[0]?.[0];
}

function hasMoved(connection: Connection, { position }: ChangesPage): boolean {
  const sql = "select n, tag from latchkey_change_head";
  const [n, tag] = connection.answer({ sql, parameters: [], one: true }).values[0] ?? [];
  const read = parsePosition(position);
  return n !== read?.n || (tag !== read?.tag && n !== 0);
}

function attempt(look: () => void, otherwise: () => void): void {
  try {
    look();
  } catch {
    otherwise();
  }
}
