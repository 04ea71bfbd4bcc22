import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { first, type Scope, type Script } from "../../sql/script.ts";

/** What the log of changes had come to, and the global epoch then. */
export interface Seen {
  readonly n: number;
  readonly tag: string;
  readonly globalEpoch: number;
}

/** Reads it. */
export function* readSeen(db: Scope["db"]): Script<Seen> {
  const head = db.selectFrom("latchkey_change_head as h");
  const both = head.innerJoin("latchkey_meta as m", (join) => join.onTrue());
  const row = yield* first(both.select(["h.n", "h.tag", "m.global_epoch"]));
  return row === undefined ? nothing : { n: row.n, tag: row.tag, globalEpoch: row.global_epoch };
}

const nothing: Seen = { n: 0, tag: "", globalEpoch: 0 };

/**
 * A small file beside the database that remembers the newest entries of its log. A backup that is put in the place of
 * the database does not have them: that is how a restore is noticed, also by a process that starts after it.
 */
export interface Witness {
  /** The newest that was noted of this database; undefined: nothing was, or of another one. */
  newest(): Seen | undefined;
  note(seen: Seen): void;
  /** Forgets all that was noted but this. */
  begin(seen: Seen): void;
  close(): void;
}

/** Each entry is noted in a place of its own, so that of two processes the slower does not undo the quicker. */
const places = 8;
const size = 128;

/**
 * Opens the witness of a database, and makes it where it is missing. It is not flushed to the disk: what the machine
 * loses of it in a crash makes it older than the database, which proves nothing and alarms nobody.
 */
export function openWitness(path: string, lineage: string): Witness {
  const file = openSync(`${path}-witness`, constants.O_RDWR | constants.O_CREAT, 0o600);
  const write = (place: number, text: string): void => {
    try {
      writeSync(file, text.padEnd(size), place * size, "latin1");
    } catch {
      // A full disk: that it cannot be noted is no reason to fail, as the database itself has taken it.
    }
  };
  const note = (seen: Seen): void => write(seen.n % places, `${lineage} ${JSON.stringify(seen)}`);
  return {
    note,
    newest() {
      const bytes = Buffer.alloc(places * size);
      readSync(file, bytes, 0, bytes.length, 0);
      const text = bytes.toString("latin1");
      const noted = Array.from({ length: places }, (_, i) =>
        parse(text.slice(i * size, i * size + size), lineage),
      );
      return noted.flatMap((seen) => seen ?? []).sort((a, b) => b.n - a.n)[0];
    },
    begin(seen) {
      for (let place = 0; place < places; place++) write(place, "");
      note(seen);
    },
    close: () => closeSync(file),
  };
}

function parse(text: string, lineage: string): Seen | undefined {
  if (!text.startsWith(`${lineage} {`)) return undefined;
  try {
    const { n, tag, globalEpoch } = JSON.parse(text.slice(lineage.length));
    return Number.isSafeInteger(n) && Number.isSafeInteger(globalEpoch)
      ? { n, tag: String(tag), globalEpoch }
      : undefined;
  } catch {
    return undefined; // torn by a crash of the machine
  }
}
