import { LatchkeyError } from "../../errors.ts";
import type { SqlDriver } from "../sql/driver.ts";
import { makeBuilder } from "./builder.ts";
import { explainStart } from "./start/explain.ts";
import { type OpenDatabase, openDatabase } from "./start/open.ts";
import type { StoreOptions } from "./start/options.ts";
import { makeTexts } from "./statements/text/texts.ts";

/** From the first start to the end. */
export interface Lifecycle {
  readonly db: SqlDriver["db"];
  start(): Promise<void>;
  close(): Promise<void>;
  /** The open database; throws `cannot_tell` before and after. */
  database(): OpenDatabase;
}

/** Calls of `start` share one attempt; one that failed may be followed by another. `close` is final. */
export function makeLifecycle(options: StoreOptions): Lifecycle {
  const { name } = options.source;
  const db = makeBuilder();
  const texts = makeTexts(options.schema);
  let opening: Promise<void> | undefined;
  let opened: OpenDatabase | undefined;
  let closed = false;

  function database(): OpenDatabase {
    if (opened !== undefined && !closed) return opened;
    throw new LatchkeyError(
      "cannot_tell",
      `the store on ${name} ${closed ? "is closed" : "was not started"}`,
    );
  }

  async function open(): Promise<void> {
    try {
      opened = await openDatabase({ ...options, db, texts });
    } catch (error) {
      opening = undefined;
      throw explainStart(name, error);
    }
  }

  return {
    db,
    database,
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
      await opened?.close();
    },
  };
}
