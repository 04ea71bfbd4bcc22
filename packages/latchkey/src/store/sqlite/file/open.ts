import { runScript } from "../../sql/script.ts";
import type { Connection } from "../connection.ts";
import { type Connections, openConnections, type ToOpen } from "./connections.ts";
import { type FileGuard, guardFile } from "./guard.ts";
import { makeReplacement, type Replacement, removeCompanions } from "./replacement.ts";
import { openWitness, readSeen, type Witness } from "./witness.ts";

/** A database that answers. */
export interface OpenDatabase extends Pick<Connections, "writing" | "reading" | "following"> {
  readonly lineage: string;
  readonly guard: FileGuard;
  /** The lineage with the file's own mark: a copy that is put in the place of this one has another (P7). */
  readonly life: string;
  readonly witness: Witness;
  /** What may have been put in its place once it is lost. */
  readonly replacement: Replacement;
  /** Tells the witness what the log has come to; `anew`: what it was told before counts no more. */
  noteLog(anew?: boolean): void;
  close(): void;
}

/** Opens the file, with what guards it. */
export async function openDatabase(toOpen: ToOpen): Promise<OpenDatabase> {
  const connections = await openConnections(toOpen);
  try {
    return await toOpen.line.run(() => guarded(connections, toOpen));
  } catch (error) {
    connections.close();
    throw error;
  }
}

function guarded(connections: Connections, { path, db }: ToOpen): OpenDatabase {
  const { writing, reading, following, raw, all } = connections;
  const lineage = readLineage(reading);
  const guard = guardFile({ path, lineage, raw, connections: all });
  const witness = openWitness(path, lineage);
  return {
    ...{ lineage, life: `${lineage}:${guard.mark}`, guard, witness, writing, reading, following },
    replacement: makeReplacement(path, lineage, guard),
    noteLog(anew = false) {
      const seen = runScript(readSeen(db), writing.answer);
      if (anew) witness.begin(seen);
      else witness.note(seen);
    },
    close() {
      witness.close();
      closeWhole(guard, connections);
    },
  };
}

/** Leaves all in the one file, for whoever copies it next. Not if that file is not ours any more. */
function closeWhole(guard: FileGuard, { writing, close }: Connections): void {
  try {
    guard.check(true);
    writing.exec("pragma wal_checkpoint(truncate)");
  } catch {
    // What is in the log is safe there, and the next one who opens the file finds it.
    // Closing would write it onto the older copy that lies there now, and so would opening that.
    if (guard.spoiled) removeCompanions(guard.companions);
  }
  if (!guard.spoiled) close();
}

function readLineage(connection: Connection): string {
  const statement = { sql: "select lineage from latchkey_meta", parameters: [], one: true };
  const [lineage] = connection.answer(statement).values[0] ?? [];
  return String(lineage);
}
