import type { Logger, Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { postgresStore } from "latchkey/postgres";
import { redisStore } from "latchkey/redis";
import { sqliteStore } from "latchkey/sqlite";

/** `--db` of a server that keeps nothing. */
export const inMemory = ":memory:";

/** Whether `--db` is the address of a Postgres database. */
function isPostgres(db: string): boolean {
  return /^postgres(ql)?:\/\//.test(db);
}

/** Whether `--db` is the address of a Redis or Valkey server. */
function isRedis(db: string): boolean {
  return /^rediss?:\/\//.test(db);
}

/** Whether `--db` is a file. */
export function isFile(db: string): boolean {
  return db !== inMemory && !isPostgres(db) && !isRedis(db);
}

/** The store that `--db` names. Connects nothing. */
export function storeOf(db: string, logger: Logger): Store {
  if (db === inMemory) return memoryStore();
  if (isRedis(db)) return redisStore(db, { logger });
  return isPostgres(db) ? postgresStore(db, { logger }) : sqliteStore(db, { logger });
}
