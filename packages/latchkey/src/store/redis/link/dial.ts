import {
  createClient,
  createCluster,
  createSentinel,
  type RedisClientOptions,
  type RedisClusterOptions,
  type RedisSentinelOptions,
} from "@redis/client";
import { misuse } from "../../../errors.ts";
import type { Dial, RedisClient, RedisCluster, RedisSentinel } from "./connection.ts";

/** Where the store is: a URL, the driver's options, or a client of the application's, which we only copy. */
export type RedisTarget =
  | string
  | RedisClientOptions
  | RedisClusterOptions
  | RedisSentinelOptions
  | RedisClient
  | RedisCluster
  | RedisSentinel;

/** How to reach the primary, and whether others decide who that is. */
export interface Route {
  readonly dial: Dial;
  readonly kind: "server" | "cluster" | "sentinel";
}

/** In ms. */
const connectTimeout = 1000;
/** How long an answer is good, in ms. */
const fresh = 200;

/**
 * A connection of ours lives once: nothing is queued for it before or after, nothing sent twice, and who takes its place
 * is for the link to say. The driver's own timer for each command is not needed.
 */
function once(options: { readonly socket?: object } | undefined): object {
  return {
    socket: { connectTimeout, ...options?.socket, reconnectStrategy: false },
    disableOfflineQueue: true,
    commandOptions: { timeout: undefined },
    maintNotifications: "disabled",
  };
}

/**
 * All keys lie in one slot, so there is one server to talk to: a cluster and the sentinels are asked which, and then
 * left alone. Throws `misuse` for what is none of the driver's.
 */
export function route(target: RedisTarget, key: string): Route {
  const client = typeof target === "string" ? { url: target } : target;
  if ("getNodeClientForKey" in client) return { kind: "cluster", dial: viaCluster(client, key) };
  if ("getMasterNode" in client) return { kind: "sentinel", dial: viaSentinel(client) };
  if ("duplicate" in client) return { kind: "server", dial: async () => copy(client) };
  if ("rootNodes" in client) return { kind: "cluster", dial: viaCluster(createCluster(client), key) };
  if ("sentinelRootNodes" in client) return { kind: "sentinel", dial: viaSentinel(createSentinel(client)) };
  const server = attempt(() => createClient(client));
  return { kind: "server", dial: async () => copy(server) };
}

function attempt<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    // The driver's words may repeat the URL, and with it the password.
    const kind = error instanceof TypeError ? error.message.split("\n", 1)[0] : "";
    return misuse(`redisStore() needs a redis:// or rediss:// URL, or the driver's options (${kind})`);
  }
}

function copy(client: RedisClient): RedisClient {
  return client.duplicate(once(client.options));
}

function viaCluster(prototype: RedisCluster, key: string): Dial {
  return shared(() => {
    const cluster = prototype.duplicate({ minimizeConnections: true });
    return ask(cluster, async () => copy(await cluster.getNodeClientForKey(key)));
  });
}

function viaSentinel(prototype: RedisSentinel): Dial {
  return shared(() => {
    const sentinel = prototype.duplicate({
      maxCommandRediscovers: 0,
      reserveClient: false,
      replicaPoolSize: 0,
    });
    return ask(sentinel, () => sentinel._execute(false, async (client) => copy(client)));
  });
}

/** All links that look for the primary at one time ask once. */
function shared(find: () => Promise<RedisClient>): Dial {
  let found: Promise<RedisClient> | undefined;
  let askedAt = 0;
  return async () => {
    if (found === undefined || performance.now() - askedAt > fresh) {
      askedAt = performance.now();
      found = find();
    }
    return copy(await found);
  };
}

/** Connects one that knows the primary, asks it, and lets it go. */
async function ask<T>(who: RedisCluster | RedisSentinel, question: () => Promise<T>): Promise<T> {
  // What goes wrong is told by the promise; an event without a listener would end the process.
  who.on("error", () => undefined);
  try {
    await who.connect();
    return await question();
  } finally {
    await who.destroy();
  }
}
