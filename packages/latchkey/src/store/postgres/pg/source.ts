import { misuse } from "../../../errors.ts";
import type { PostgresConfig, PostgresPool } from "./client.ts";

/** Where connections come from. */
export interface Source {
  /** For messages: host, port and database, nothing else. */
  readonly name: string;
  readonly from: PostgresPool | PostgresConfig;
}

/** Most connections, where nobody says how many; `pg`'s own default. */
export const usualMax = 10;
/** One is for the change log; checks need one that no write can take. */
export const fewest = 3;

/** Reads what the application gives. @throws LatchkeyError `misuse` */
export function readSource(given: string | PostgresPool | PostgresConfig): Source {
  if (typeof given === "string") {
    if (!/^(postgres(ql)?|socket):|^\//.test(given))
      misuse("postgresStore() needs a URL such as postgres://user:password@host:5432/database, or a pool");
    return { name: nameOf({ connectionString: given }), from: { connectionString: given } };
  }
  if (typeof given !== "object" || given === null)
    misuse("postgresStore() needs a URL, a pool, or its options");
  const options = isPool(given) ? (given.options ?? {}) : given;
  const max = options.max ?? usualMax;
  if (!(max >= fewest))
    misuse(`postgresStore() needs a pool of at least ${fewest} connections; its max is ${max}`);
  return { name: nameOf(options), from: given };
}

export function isPool(from: PostgresPool | PostgresConfig): from is PostgresPool {
  return typeof from.connect === "function";
}

function nameOf(options: object): string {
  const { connectionString, host, port, database }: PostgresConfig = { ...options };
  if (typeof connectionString !== "string")
    return [host, port, database].filter(Boolean).join(":") || "(Postgres)";
  if (!URL.canParse(connectionString)) return "(Postgres)";
  const url = new URL(connectionString);
  return `${url.host}${url.pathname}` || "(Postgres)";
}
