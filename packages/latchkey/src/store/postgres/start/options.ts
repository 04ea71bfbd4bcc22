import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../types.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import type { Source } from "../pg/source.ts";
import type { Texts } from "../statements/text/texts.ts";

/** What the application says of its store. */
export interface StoreOptions {
  readonly source: Source;
  /** undefined: where the connection's search path leads. */
  readonly schema: string | undefined;
  /** undefined: the server's. */
  readonly clock: Clock | undefined;
  readonly logger: Logger | undefined;
}

/** What it takes to open the database. */
export interface OpenOptions extends StoreOptions {
  readonly db: SqlDriver["db"];
  readonly texts: Texts;
}
