import type { Logger, Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { redisStore } from "latchkey/redis";
import { sqliteStore } from "latchkey/sqlite";
import { withoutCompare } from "./broken/no-cas.ts";
import { withoutLog } from "./broken/pubsub-only.ts";
import { openRows } from "./rows/open.ts";
import type { NodeSettings } from "./settings.ts";

/** The store of a node: Latchkey's own, whole or wrapped in something that breaks one of its promises. */
export async function openStore(settings: NodeSettings, logger: Logger): Promise<Store> {
  const store = healthyStore(settings, logger);
  switch (settings.build) {
    case "healthy":
      return store;
    case "no-cas":
      return withoutCompare(store, await openRows(settings));
    case "pubsub-only":
      return withoutLog(store);
  }
}

function healthyStore({ store, address }: NodeSettings, logger: Logger): Store {
  switch (store) {
    case "postgres":
      return postgresStore(address, { logger });
    case "sqlite":
      return sqliteStore(address, { logger });
    case "redis":
      return redisStore(address, { logger });
  }
}
