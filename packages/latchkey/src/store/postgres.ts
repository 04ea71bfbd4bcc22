import type { Clock } from "../lib/clock.ts";
import type { Logger, Store } from "../types.ts";
import { postgresDriver } from "./postgres/driver.ts";
import { withMark } from "./postgres/leases.ts";
import { makeLifecycle } from "./postgres/lifecycle.ts";
import type { PostgresConfig, PostgresPool } from "./postgres/pg/client.ts";
import { readSource } from "./postgres/pg/source.ts";
import { sqlStore } from "./sql/store.ts";

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /** The schema of our tables, made where it is missing. Default: where the search path of the role leads. */
  readonly schema?: string;
  /** Default: the server's. For tests. */
  readonly clock?: Clock;
  /** Told when the database stops answering and when it answers again. */
  readonly logger?: Logger;
}

/**
 * A store in a Postgres database, for any number of processes. Takes a URL or the options of a pool (then the package
 * `pg` must be installed), or the application's own `Pool`, which stays the application's to end. `start` connects and
 * makes the tables where they are missing; nothing is done before.
 */
export function postgresStore(
  database: string | PostgresPool | PostgresConfig,
  options: PostgresStoreOptions = {},
): Store {
  const { schema, clock, logger } = options;
  const source = readSource(database);
  const lifecycle = makeLifecycle({ source, schema, clock, logger });
  const { start, close } = lifecycle;
  const methods = sqlStore(postgresDriver(source.name, clock, lifecycle));
  const readLeases = withMark(methods.readLeases, source.name, lifecycle);
  return { start, close, ...methods, readLeases };
}
