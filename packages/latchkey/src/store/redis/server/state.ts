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
  /** Whether it stops taking writes once its replicas are gone (`min-replicas-to-write`). */
  readonly fenced: boolean;
}

/** Asks a server how it is set. `INFO` is allowed where `CONFIG` is not, as with most that are rented. */
export async function readState(connection: Connection): Promise<ServerState> {
  const info = String(await connection.sendCommand(["INFO"]));
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const appendOnly = field("aof_enabled") === "1";
  return {
    version: field("valkey_version") ?? field("redis_version") ?? "unknown",
    policy: field("maxmemory_policy") ?? "unknown",
    appendOnly,
    fsync: appendOnly ? await readSetting(connection, "appendfsync") : undefined,
    replicas: Number(field("connected_slaves") ?? 0),
    // Told only where it is set.
    fenced: field("min_slaves_good_slaves") !== undefined,
  };
}

/** Answered as a list, or as a map by newer versions of the protocol. */
async function readSetting(connection: Connection, name: string): Promise<string | undefined> {
  const found = await connection.sendCommand(["CONFIG", "GET", name]).catch(() => undefined);
  if (Array.isArray(found)) return found[1] === undefined ? undefined : String(found[1]);
  const value: unknown = found instanceof Map ? found.get(name) : Reflect.get(Object(found), name);
  return value === undefined ? undefined : String(value);
}
