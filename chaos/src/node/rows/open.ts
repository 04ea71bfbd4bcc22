import type { NodeSettings } from "../settings.ts";
import { redisRows } from "./redis.ts";
import type { SessionRows } from "./rows.ts";
import { postgresRows, sqliteRows } from "./sql.ts";

/** Beside the store, on a connection of its own. */
export async function openRows({ store, directAddress }: NodeSettings): Promise<SessionRows> {
  switch (store) {
    case "postgres":
      return postgresRows(directAddress);
    case "sqlite":
      return sqliteRows(directAddress);
    case "redis":
      return redisRows(directAddress);
  }
}
