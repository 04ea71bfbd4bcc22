import type { StoreName } from "../../node/settings.ts";
import { postgresServer } from "./postgres.ts";
import { redisServer } from "./redis.ts";
import { sqliteFile } from "./sqlite.ts";
import type { StoreServer } from "./store.ts";

/** Starts it, with a wire for each node; with a disk that can be full, where that is wanted and the system lets us. */
export async function startStore(name: StoreName, nodes: number, smallDisk = false): Promise<StoreServer> {
  switch (name) {
    case "postgres":
      return postgresServer(nodes, smallDisk);
    case "redis":
      return redisServer(nodes, smallDisk);
    case "sqlite":
      return sqliteFile();
  }
}
