import type { StoreName } from "../../node/settings.ts";
import { postgresServer } from "./postgres.ts";
import { redisServer } from "./redis.ts";
import { sqliteFile } from "./sqlite.ts";
import type { StoreServer } from "./store.ts";

/** Starts it, with a wire for each node. */
export async function startStore(name: StoreName, nodes: number): Promise<StoreServer> {
  switch (name) {
    case "postgres":
      return postgresServer(nodes);
    case "redis":
      return redisServer(nodes);
    case "sqlite":
      return sqliteFile();
  }
}
