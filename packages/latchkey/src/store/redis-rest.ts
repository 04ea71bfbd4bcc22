import { misuse } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger, Store } from "../types.ts";
import { allMethods } from "./redis/methods/all.ts";
import type { RestTarget } from "./redis/rest/connection.ts";
import { restServer } from "./redis/rest/server.ts";
import { makeRunner } from "./redis/run/runner.ts";

export type { RestTarget };

/** Options of {@link redisRestStore}. */
export interface RedisRestStoreOptions {
  /** What all keys begin with, in braces: several stores may share a server. Default `latchkey`. */
  readonly prefix?: string;
  /** How many entries of the audit log are kept, about; older ones are forgotten. Default: all. */
  readonly auditEntries?: number;
  /** Milliseconds between two looks for changes, while somebody waits for them; each is a request. Default 250. */
  readonly pollInterval?: number;
  /** Told once what cannot be seen of the server. */
  readonly logger?: Logger;
  /** Default: the server's own. For tests. */
  readonly clock?: Clock;
}

/** Nothing waits for a replica or a disk: over HTTP each command may come by another connection. */
const unconfirmed = { learn: () => undefined, needed: () => false, settle: async () => undefined };

/**
 * The Redis store over HTTP, for runtimes without sockets: the same keys and scripts, and a process that uses
 * `redisStore` on the same server sees the same. Speaks the REST interface of Upstash. What it cannot do: wake readers of
 * the log (they look now and then), and wait until replicas have a revocation. Nothing is asked before
 * `start`.
 */
export function redisRestStore(target: RestTarget, options: RedisRestStoreOptions = {}): Store {
  const { prefix = "latchkey", auditEntries, pollInterval = 250, logger, clock } = options;
  if (!(Number.isFinite(pollInterval) && pollInterval >= 10))
    misuse("redisRestStore() needs pollInterval to be a number of milliseconds, 10 or more");
  if (!/^[^{}\s]{1,100}$/.test(prefix))
    misuse("redisRestStore() needs a prefix of 1 to 100 characters without braces and spaces");
  const key = `{${prefix}}:meta`;
  const { lifecycle, link, wait } = restServer(target, { key, log: `{${prefix}}:log`, pollInterval, logger });
  const links = { checks: link, steps: link, follower: link };
  const { run, listen } = makeRunner({
    links,
    key,
    lineage: lifecycle.lineage,
    clock,
    auditEntries,
    confirm: unconfirmed,
  });
  return {
    start: lifecycle.start,
    close: lifecycle.close,
    ...allMethods(run, wait),
    listen,
  };
}
