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
  if ("getNodeClientForKey" in client) return { kind: "cluster", dial: () => dialCluster(client, key) };
  if ("getMasterNode" in client) return { kind: "sentinel", dial: () => dialSentinel(client) };
  if ("duplicate" in client) return { kind: "server", dial: () => dialServer(client) };
  if ("rootNodes" in client) {
    const cluster = createCluster(client);
    return { kind: "cluster", dial: () => dialCluster(cluster, key) };
  }
  if ("sentinelRootNodes" in client) {
    const sentinel = createSentinel(client);
    return { kind: "sentinel", dial: () => dialSentinel(sentinel) };
  }
  const server = attempt(() => createClient(client));
  return { kind: "server", dial: () => dialServer(server) };
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

async function dialServer(client: RedisClient): Promise<RedisClient> {
  return client.duplicate(once(client.options));
}

async function dialCluster(prototype: RedisCluster, key: string): Promise<RedisClient> {
  const cluster = prototype.duplicate({ minimizeConnections: true });
  return ask(cluster, async () => dialServer(await cluster.getNodeClientForKey(key)));
}

async function dialSentinel(prototype: RedisSentinel): Promise<RedisClient> {
  const sentinel = prototype.duplicate({
    maxCommandRediscovers: 0,
    reserveClient: false,
    replicaPoolSize: 0,
  });
  return ask(sentinel, () => sentinel._execute(false, dialServer));
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
