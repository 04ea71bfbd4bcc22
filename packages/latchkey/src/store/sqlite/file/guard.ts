import { type Stats, statSync } from "node:fs";
import { LatchkeyError } from "../../../errors.ts";
import { systemClock } from "../../../lib/clock.ts";
import type { Connection } from "../connection.ts";

/** Tells whether what is open still is the file that the path names. Throws `cannot_tell` if not. */
export interface FileGuard {
  /** `every`: look at the companions too, however recently they were looked at. */
  check(every: boolean): void;
  /** Device and number of the file: another file has another. */
  readonly mark: string;
  /** The log and the shared memory that belong to the file. */
  readonly companions: readonly Companion[];
  /** The file was overwritten with an older copy of itself, onto which the log must not be written. */
  readonly spoiled: boolean;
  /** The last check failed. */
  readonly lost: boolean;
}

/** A file that SQLite keeps beside the database. */
export interface Companion {
  readonly name: string;
  readonly opened: Stats;
}

/** What the guard needs of an open database. */
export interface GuardedFile {
  readonly path: string;
  readonly lineage: string;
  /** Reads the file itself, past the write-ahead log. */
  readonly raw: Connection;
  /** All connections, `raw` among them. */
  readonly connections: readonly Connection[];
}

/** How often the companions are looked at by reads, in ms. */
const companionsEvery = 5;

/** A file time may stand still for as long while the file changes: clocks of file systems tick slowly. In ms. */
const coarseness = 100;

/**
 * SQLite itself does not notice: it answers from its pages, and writes to a file that nobody can find any more
 * succeed. So the path is looked at before every step (about 2 µs). A change of time or size, which a checkpoint
 * makes every thousand pages, makes the guard drop all pages and read the file anew.
 */
export function guardFile(file: GuardedFile): FileGuard {
  const { path, lineage, raw, connections } = file;
  const companions = [`${path}-wal`, `${path}-shm`].map((name) => ({ name, opened: look(name) }));
  const opened = look(path);
  let known = { size: opened.size, mtimeMs: opened.mtimeMs, newest: 0, settled: false };
  let companionsSeen = Number.NEGATIVE_INFINITY;
  let spoiled = false;
  let lost = false;

  function readAnew({ size, mtimeMs }: Stats): void {
    const settled = systemClock() - mtimeMs > coarseness;
    for (const connection of connections) connection.dropPages();
    const found = readHeader(raw);
    if (found.lineage !== lineage) refuse(path, `is another database now, of lineage ${found.lineage}`);
    // A vacuum shrinks the file too, and says so in the header.
    const shrunk = size < known.size && size < found.size;
    if (shrunk) refuse(path, `was cut from ${known.size} to ${size} bytes`);
    if (found.newest < known.newest) {
      spoiled = true;
      refuse(path, overwritten);
    }
    known = { size, mtimeMs, newest: found.newest, settled };
  }

  return {
    companions,
    get spoiled() {
      return spoiled;
    },
    get lost() {
      return lost;
    },
    mark: markOf(opened),
    check: (every) => {
      lost = true;
      const seen = look(path);
      compare(path, seen, opened);
      if (!known.settled || seen.mtimeMs !== known.mtimeMs || seen.size !== known.size) readAnew(seen);
      if (every || performance.now() - companionsSeen >= companionsEvery) {
        for (const { name, opened } of companions) compare(name, look(name), opened);
        companionsSeen = performance.now();
      }
      lost = false;
    },
  };
}

const overwritten =
  "was overwritten with an older copy of itself while it was in use: stop every process that uses it, " +
  "put the copy there again without files that end in -wal or -shm, and start them";

/** Device and number of a file: another file has another. */
export function markOf({ dev, ino }: Stats): string {
  return `${dev.toString(36)}-${ino.toString(36)}`;
}

function compare(path: string, seen: Stats, opened: Stats): void {
  if (seen.ino !== opened.ino || seen.dev !== opened.dev) refuse(path, "was replaced by another file");
}

function look(path: string): Stats {
  return statSync(path, { throwIfNoEntry: false }) ?? refuse(path, "is gone");
}

function refuse(path: string, seen: string): never {
  throw new LatchkeyError("cannot_tell", `the database file ${path} ${seen}`);
}

/**
 * Lineage and newest entry of the log, and the size that the header claims (offsets 16 and 28 of the first page, see
 * SQLite's file format).
 */
export function readHeader(raw: Connection): { lineage: string; size: number; newest: number } {
  const sql = `select lineage, (select n from latchkey_change_head),
    (select hex(substr(data, 17, 2)) from sqlite_dbpage where pgno = 1),
    (select hex(substr(data, 29, 4)) from sqlite_dbpage where pgno = 1) from latchkey_meta`;
  const [lineage, newest, pageSize, pages] = raw.answer({ sql, parameters: [], one: true }).values[0] ?? [];
  const bytes = Number.parseInt(String(pageSize), 16);
  // The largest size does not fit into two bytes and is written as 1.
  return {
    lineage: String(lineage),
    newest: Number(newest),
    size: (bytes === 1 ? 65536 : bytes) * Number.parseInt(String(pages), 16),
  };
}
