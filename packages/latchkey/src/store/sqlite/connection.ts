import Database from "libsql";
import { refuseNul } from "../sql/nul.ts";
import type { Rows, Statement } from "../sql/script.ts";

/** One connection. Everything on it is synchronous, and nothing on it waits for a lock. */
export interface Connection {
  /** Runs a statement; its text is prepared once and kept. */
  answer(statement: Statement): Rows;
  /** Runs statements that give no rows and are not worth keeping. */
  exec(text: string): void;
  /** Does the work as one transaction that excludes other writers. What it throws or `keep` denies is undone. */
  transaction<Result>(work: () => Result, keep: (result: Result) => boolean): Result;
  /** Forgets the pages it holds, so that the next statement sees what is in the file. */
  dropPages(): void;
  close(): void;
}

/** Opens a connection to a path or `file:` URL. */
export function openConnection(name: string): Connection {
  const database = new Database(name, { timeout: 0 });
  const answer = makeAnswer(database);
  const exec = (text: string): void => {
    database.exec(text);
  };
  const undo = (): void => {
    // Some faults end the transaction themselves; then there is nothing to undo.
    if (database.inTransaction) database.exec("rollback");
  };
  return {
    answer,
    exec,
    transaction: (work, keep) => {
      undo();
      exec("begin immediate");
      try {
        const result = work();
        exec(keep(result) ? "commit" : "rollback");
        return result;
      } catch (error) {
        undo();
        throw error;
      }
    },
    dropPages: () => {
      answer({ sql: "pragma shrink_memory", parameters: [], one: false });
    },
    close: () => {
      database.close();
    },
  };
}

function makeAnswer(database: Database.Database): Connection["answer"] {
  const prepared = new Map<string, Prepared>();
  return ({ sql, parameters, one }) => {
    for (const value of parameters) refuseNul(value);
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = prepare(database, sql);
      prepared.set(sql, statement);
    }
    return statement(parameters, one);
  };
}

type Prepared = (parameters: readonly unknown[], one: boolean) => Rows;
type Row = readonly unknown[];

const noRows: Rows = { columns: [], values: [] };

function prepare(database: Database.Database, sql: string): Prepared {
  const statement = database.prepare(sql);
  if (!statement.reader) {
    return (parameters) => {
      statement.run(parameters);
      return noRows;
    };
  }
  statement.raw();
  const columns = statement.columns().map(({ name }) => name);
  return (parameters, one) => {
    if (!one) return { columns, values: statement.all(parameters) as Row[] };
    // Stops at the first row, which makes it twice as fast as `all`.
    const row = statement.get(parameters) as Row | undefined;
    return { columns, values: row === undefined ? [] : [row] };
  };
}
