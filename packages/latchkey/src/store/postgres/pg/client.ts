/** A statement as `pg` takes it. */
export interface PostgresQuery {
  /** Under which the connection keeps it prepared. */
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
  readonly rowMode: "array";
  /** For this statement alone: the application's own type parsers stay as they are. */
  readonly types: { getTypeParser(oid: number): (value: string) => unknown };
}

/** A connection of a pool: what we use of `pg`'s `PoolClient`. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<unknown>;
  on(event: string, listener: (...given: unknown[]) => void): unknown;
  removeListener(event: string, listener: (...given: unknown[]) => void): unknown;
  /** Gives it back; `true`: it is not fit for use any more. */
  release(destroy?: boolean): void;
}

/** A pool: what we use of `pg`'s `Pool`. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  on(event: string, listener: (...given: unknown[]) => void): unknown;
  readonly options?: {
    readonly max?: number | undefined;
    readonly connectionTimeoutMillis?: number | undefined;
  };
}

/** What `pg` makes a pool of, e.g. `{ host, user, password, database, ssl }`. */
export interface PostgresConfig {
  /** `postgres://user:password@host:port/database` */
  readonly connectionString?: string | undefined;
  /** Most connections, that of the change log included. Default 10. */
  readonly max?: number | undefined;
  readonly [option: string]: unknown;
}

/**
 * Ends a connection without a word to its other end, which may not be listening: a polite goodbye would wait for it, and
 * keep the process alive.
 */
export function discard(client: PostgresClient): void {
  if (discarded.has(client)) return;
  discarded.add(client);
  hangUp(client);
  client.release(true);
}

/** A pool takes nothing back twice. */
const discarded = new WeakSet<PostgresClient>();

/** From then on the connection may break without ending the process: its user is told by what they asked. */
export function listenTo(client: PostgresClient): void {
  if (heard.has(client)) return;
  heard.add(client);
  client.on("error", () => undefined);
}

const heard = new WeakSet<PostgresClient>();

/** Cuts the socket, where the client shows one. */
export function hangUp(client: object): void {
  const stream: unknown = Reflect.get(Object(Reflect.get(client, "connection")), "stream");
  const destroy: unknown = Reflect.get(Object(stream), "destroy");
  if (typeof destroy === "function") destroy.call(stream);
}
