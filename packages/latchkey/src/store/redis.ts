import { misuse } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger, Store } from "../types.ts";
import { type RedisTarget, route } from "./redis/link/dial.ts";
import { allMethods } from "./redis/methods/all.ts";
import { makeRunner } from "./redis/run/runner.ts";
import { makeWait } from "./redis/run/wait.ts";
import { makeServer } from "./redis/server/server.ts";

export type { RedisTarget };

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** What all keys begin with, in braces: several stores may share a server. Default `latchkey`. */
  readonly prefix?: string;
  /** How many replicas must have a revocation before it is answered. Default: one, if the server has any. */
  readonly replicas?: number;
  /**
   * Under Sentinel or Cluster: go without `min-replicas-to-write`. A primary that is cut off then goes on accepting what
   * was revoked since, for as long as it is cut off. Default false.
   */
  readonly unfenced?: boolean;
  /** How many entries of the audit log are kept, about; older ones are forgotten. Default: all. */
  readonly auditEntries?: number;
  /** Told when the server stops answering and when it answers again, and once how much a crash would take along. */
  readonly logger?: Logger;
  /** Default: the server's own. For tests. */
  readonly clock?: Clock;
}

/**
 * A store in Redis or Valkey, for several processes on several machines: one server, one under Sentinel, or a Cluster.
 * Takes a URL, the options of the official driver, or a client made by it, which is copied and otherwise left alone.
 * Nothing is connected before `start`.
 */
export function redisStore(target: RedisTarget, options: RedisStoreOptions = {}): Store {
  const { prefix = "latchkey", replicas, unfenced = false, auditEntries, logger, clock } = options;
  if (!/^[^{}\s]{1,100}$/.test(prefix))
    misuse("redisStore() needs a prefix of 1 to 100 characters without braces and spaces");
  for (const [name, value] of Object.entries({ replicas, auditEntries })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0))
      misuse(`redisStore() needs ${name} to be a whole number, 0 or more`);
  }
  // The braces are Redis' hash tag: one slot of a Cluster holds it all, so that one script can see it all (P33).
  const key = `{${prefix}}:meta`;
  const { lifecycle, confirm, links } = makeServer(route(target, key), key, { replicas, unfenced, logger });
  const { run, listen } = makeRunner({
    links,
    key,
    lineage: lifecycle.lineage,
    clock,
    auditEntries,
    confirm,
  });
  return {
    start: lifecycle.start,
    close: lifecycle.close,
    ...allMethods(run, makeWait(links.waiter, `{${prefix}}:log`)),
    listen,
  };
}
