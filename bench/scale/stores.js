// @ts-check
import { memoryStore } from "latchkey/memory";
import { postgresStore } from "latchkey/postgres";
import { redisStore } from "latchkey/redis";
import { sqliteStore } from "latchkey/sqlite";

/** @param {string} kind @param {string} url @returns {import("latchkey").Store} */
export function openStore(kind, url) {
  if (kind === "redis") return redisStore(url);
  if (kind === "postgres") return postgresStore(url);
  return kind === "sqlite" ? sqliteStore(url) : memoryStore();
}
