import type { Connection } from "../link/connection.ts";

/** What decides how well a server keeps what it was given. */
export interface ServerState {
  readonly version: string;
  /** What it does when its memory is used up. */
  readonly policy: string;
  readonly appendOnly: boolean;
  /** When the append-only file reaches the disk; undefined: the server does not say. */
  readonly fsync: string | undefined;
  readonly replicas: number;
  /** After how many seconds without its replicas it stops taking writes; undefined: never (`min-replicas-to-write`). */
  readonly fence: number | undefined;
}

/** Asks a server how it is set. `INFO` is allowed where `CONFIG` is not, as with most that are rented. */
export async function readState(connection: Connection): Promise<ServerState> {
  const info = String(await connection.sendCommand(["INFO"]));
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const appendOnly = field("aof_enabled") === "1";
  // Told only where it is set. If how long cannot be read, it is taken to be as long as Redis' default.
  const isFenced = field("min_slaves_good_slaves") !== undefined;
  const fence = isFenced ? Number((await readSetting(connection, "min-replicas-max-lag")) ?? 10) : undefined;
  return {
    version: field("valkey_version") ?? field("redis_version") ?? "unknown",
    policy: field("maxmemory_policy") ?? "unknown",
    appendOnly,
    fsync: appendOnly ? await readSetting(connection, "appendfsync") : undefined,
    replicas: Number(field("connected_slaves") ?? 0),
    fence,
  };
}

/** Answered as a list, or as a map by newer versions of the protocol. */
async function readSetting(connection: Connection, name: string): Promise<string | undefined> {
  const found = await connection.sendCommand(["CONFIG", "GET", name]).catch(() => undefined);
  if (Array.isArray(found)) return found[1] === undefined ? undefined : String(found[1]);
  const value: unknown = found instanceof Map ? found.get(name) : Reflect.get(Object(found), name);
  return value === undefined ? undefined : String(value);
}
