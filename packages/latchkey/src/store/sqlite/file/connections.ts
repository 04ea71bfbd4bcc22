import { pathToFileURL } from "node:url";
import { LatchkeyError } from "../../../errors.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import { type Connection, openConnection } from "../connection.ts";
import type { WaitingLine } from "../waiting/waiting-line.ts";
import { makeFile, requireFile } from "./make-file.ts";
import { migrateDatabase, requireVersion } from "./migrate.ts";

/** All connections to one file. */
export interface Connections {
  /** For steps that write. */
  readonly writing: Connection;
  /** For steps that read: they never wait for those that write. */
  readonly reading: Connection;
  /** For the reader of the change log. What it writes is its lease, which a crash of the machine may lose. */
  readonly following: Connection;
  /** Reads the file itself, past the write-ahead log. */
  readonly raw: Connection;
  readonly all: readonly Connection[];
  close(): void;
}

/** What is to be opened, and how. */
export interface ToOpen {
  readonly path: string;
  readonly db: SqlDriver["db"];
  readonly line: WaitingLine;
  /** Whether to refuse what would have to be made first. */
  readonly mustExist: boolean;
}

/**
 * Unless it must exist already, the file and its folder are made where they are missing, and it is brought to this
 * release's version.
 */
export async function openConnections({ path, db, line, mustExist }: ToOpen): Promise<Connections> {
  if (mustExist) requireFile(path);
  else makeFile(path);
  const url = pathToFileURL(path).href;
  // Between the look and the opening it may go: then there is nothing to open, and nothing is made.
  const name = mustExist ? `${url}?mode=rw` : path;
  const all: Connection[] = [];
  const connect = (file: string) => {
    const connection = openConnection(file);
    all.push(connection);
    return connection;
  };
  const close = () => {
    for (const connection of all) connection.close();
  };
  try {
    // Even a pragma can meet a lock: that of another process which is opening or closing the file.
    const writing = connect(name);
    await line.run(() => {
      writing.exec("pragma synchronous = full");
      if (mustExist) requireVersion(writing, db, path);
      else migrateDatabase(writing, db);
    });
    // Only now: the lineage is to lie in the file itself, where the guard looks for it, and not in the log.
    await line.run(() => useLog(path, writing));
    const reading = connect(name);
    await line.run(() => {
      reading.exec("pragma query_only = on");
      // Where the application keeps tables of its own in the file, the log may have been on before.
      writing.exec("pragma wal_checkpoint(passive)");
    });
    const following = connect(name);
    await line.run(() => {
      following.exec("pragma synchronous = normal");
      // A checkpoint is for those to make who wait for the disk.
      following.exec("pragma wal_autocheckpoint = 0");
    });
    // It takes the size that the file has now for the size that it has later, and would call a grown file malformed;
    // with this it does not compare.
    const raw = connect(`${url}?immutable=1`);
    raw.exec("pragma writable_schema = on");
    return { writing, reading, following, raw, all, close };
  } catch (error) {
    close();
    throw error;
  }
}

function useLog(path: string, connection: Connection): void {
  const { values } = connection.answer({ sql: "pragma journal_mode = wal", parameters: [], one: true });
  const [mode] = values[0] ?? [];
  if (mode === "wal") return;
  const remedy = "put it on a local disk: network file systems lack the shared memory that it needs";
  throw new LatchkeyError("cannot_tell", `the database ${path} refused its write-ahead log; ${remedy}`);
}
