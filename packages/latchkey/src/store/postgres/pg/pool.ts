import { LatchkeyError } from "../../../errors.ts";
import type { Logger } from "../../../types.ts";
import { hangUp, listenTo, type PostgresClient, type PostgresConfig, type PostgresPool } from "./client.ts";
import { fewest, isPool, type Source, usualMax } from "./source.ts";

/** A pool in use. */
export interface OpenPool {
  readonly pool: PostgresPool;
  /** How many connections may be lent at once: all but the one that follows the log. */
  readonly size: number;
  /** How many are to be there from the beginning. */
  readonly kept: number;
  /** Ends it, if it is ours. */
  end(): Promise<void>;
}

/** How long a pool may take to say goodbye, in ms. */
const farewell = 1000;

/** What we ask of a pool of our own, where the options do not say otherwise. */
const defaults = {
  connectionTimeoutMillis: 2000,
  idleTimeoutMillis: 60_000,
  // A connection without work keeps no process alive.
  allowExitOnIdle: true,
  keepAlive: true,
  keepAliveInitialDelayMillis: 30_000,
  fallback_application_name: "latchkey",
};

/** Takes the application's own pool, or makes one with `pg`, which is loaded only for that. */
export async function openPool({ from }: Source, logger: Logger | undefined): Promise<OpenPool> {
  if (!isPool(from)) return makePool(from);
  listen(from);
  if (from.options !== undefined && !from.options.connectionTimeoutMillis)
    logger?.warn(
      {},
      "the pool has no connectionTimeoutMillis: after an outage it may wait for dead connections",
    );
  return { pool: from, kept: 1, size: (from.options?.max ?? usualMax) - 1, end: async () => undefined };
}

async function makePool(config: PostgresConfig): Promise<OpenPool> {
  const { Pool } = await loadDriver();
  const max = config.max ?? usualMax;
  const pool = new Pool({ min: fewest, ...defaults, ...config, max });
  const clients = new Set<object>();
  listen(pool);
  pool.on("connect", (client) => clients.add(client));
  pool.on("remove", (client) => clients.delete(client));
  const end = async (): Promise<void> => {
    // A server that stands still does not take its leave.
    const timer = setTimeout(() => {
      for (const client of clients) hangUp(client);
    }, farewell);
    await pool.end();
    clearTimeout(timer);
  };
  return { pool, kept: fewest, size: max - 1, end };
}

/**
 * An error that nobody listens to would end the process: of an idle connection, which the pool passes on; and of one
 * that breaks in the same moment in which it is handed over, before whoever asked for it can listen.
 */
function listen(pool: PostgresPool): void {
  pool.on("error", () => undefined);
  pool.on("connect", (client) => isClient(client) && listenTo(client));
}

function isClient(it: unknown): it is PostgresClient {
  return typeof it === "object" && it !== null && "query" in it;
}

async function loadDriver(): Promise<Pick<typeof import("pg"), "Pool">> {
  try {
    const module = await import("pg");
    // Releases before 8.15 have nothing but a default.
    return module.Pool === undefined ? module.default : module;
  } catch (cause) {
    const detail =
      "latchkey: postgresStore() makes a pool with pg, which is not installed: npm install pg, or pass a pool";
    throw new LatchkeyError("misuse", detail, { cause });
  }
}
