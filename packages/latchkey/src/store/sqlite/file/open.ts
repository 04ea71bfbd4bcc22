import { pathToFileURL } from "node:url";
import { LatchkeyError } from "../../../errors.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import { type Connection, openConnection } from "../connection.ts";
import type { WaitingLine } from "../waiting/waiting-line.ts";
import { type FileGuard, guardFile } from "./guard.ts";
import { makeFile } from "./make-file.ts";
import { migrateDatabase } from "./migrate.ts";

/** A database that answers. */
export interface OpenDatabase {
  readonly lineage: string;
  readonly guard: FileGuard;
  /** For steps that write. */
  readonly writing: Connection;
  /** For steps that read: they never wait for those that write. */
  readonly reading: Connection;
  /** For the reader of the change log. What it writes is its lease, which a crash of the machine may lose. */
  readonly following: Connection;
  /** The lineage with the file's own mark: a copy that is put in the place of this one has another (P7). */
  readonly life: string;
  close(): void;
}

/** Opens the file, making it and its folder where they are missing, and brings it to this release's version. */
export async function openDatabase(
  path: string,
  db: SqlDriver["db"],
  line: WaitingLine,
): Promise<OpenDatabase> {
  makeFile(path);
  const connections: Connection[] = [];
  const connect = (name: string) => {
    const connection = openConnection(name);
    connections.push(connection);
    return connection;
  };
  const close = () => {
    for (const connection of connections) connection.close();
  };
  try {
    // Even a pragma can meet a lock: that of another process which is opening or closing the file.
    const writing = connect(path);
    await line.run(() => {
      writing.exec("pragma synchronous = full");
      migrateDatabase(writing, db);
    });
    // Only now: the lineage is to lie in the file itself, where the guard looks for it, and not in the log.
    await line.run(() => useLog(path, writing));
    const reading = connect(path);
    await line.run(() => {
      reading.exec("pragma query_only = on");
      // Where the application keeps tables of its own in the file, the log may have been on before.
      writing.exec("pragma wal_checkpoint(passive)");
    });
    const following = connect(path);
    await line.run(() => {
      following.exec("pragma synchronous = normal");
      // A checkpoint is for those to make who wait for the disk.
      following.exec("pragma wal_autocheckpoint = 0");
    });
    // It takes the size that the file has now for the size that it has later, and would call a grown file malformed;
    // with this it does not compare.
    const raw = connect(`${pathToFileURL(path).href}?immutable=1`);
    raw.exec("pragma writable_schema = on");
    return await line.run(() => {
      const lineage = readLineage(reading);
      const guard = guardFile({ path, lineage, raw, connections });
      const life = `${lineage}:${guard.mark}`;
      const closeAll = (): void => closeWhole(guard, writing, close);
      return { lineage, life, guard, writing, reading, following, close: closeAll };
    });
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

/** Leaves all in the one file, for whoever copies it next. Not if that file is not ours any more. */
function closeWhole(guard: FileGuard, writing: Connection, close: () => void): void {
  try {
    guard.check(true);
    writing.exec("pragma wal_checkpoint(truncate)");
  } catch {
    // What is in the log is safe there, and the next one who opens the file finds it.
  } finally {
    close();
  }
}

function readLineage(connection: Connection): string {
  const statement = { sql: "select lineage from latchkey_meta", parameters: [], one: true };
  const [lineage] = connection.answer(statement).values[0] ?? [];
  return String(lineage);
}
