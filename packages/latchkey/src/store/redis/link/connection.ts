/**
 * What we use of a client of the official driver. Structural, so that an application may pass the one that it has, of
 * its own copy of the package.
 */
interface Driver {
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** One connection to one server. */
export interface Connection extends Driver {
  /** Whether commands can be sent. False for good once the connection is lost: ours do not reconnect. */
  readonly isReady: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
}

/** What `createClient` gives. */
export interface RedisClient extends Connection {
  readonly options?: { readonly socket?: object } | undefined;
  duplicate(overrides?: object): RedisClient;
}

/** What `createCluster` gives. */
export interface RedisCluster extends Driver {
  duplicate(overrides?: object): RedisCluster;
  /** Of the primary that has the key's slot. */
  getNodeClientForKey(key: string): Promise<RedisClient>;
}

/** What `createSentinel` gives. */
export interface RedisSentinel extends Driver {
  duplicate(overrides?: object): RedisSentinel;
  getMasterNode(): object | undefined;
  /** Of the primary that the sentinels name. */
  _execute<T>(isReadonly: boolean, use: (client: RedisClient) => Promise<T>): Promise<T>;
}

/** Makes a connection to the server that is the primary now; whoever asked connects it. */
export type Dial = () => Promise<Connection>;
