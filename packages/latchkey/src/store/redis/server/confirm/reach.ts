import type { Connection } from "../../link/connection.ts";
import { replyWord } from "../../run/fault.ts";

/** Whether so many replicas have what this connection has written, within so many ms. */
export async function reachReplicas(connection: Connection, count: number, limit: number): Promise<boolean> {
  return Number(await connection.sendCommand(["WAIT", String(count), String(limit)])) >= count;
}

/**
 * Whether the server's own disk has it; undefined: it cannot say. Known since Redis 7.2: before, an append-only file that
 * is synced each second can only be warned about.
 */
export async function reachDisk(connection: Connection, limit: number): Promise<boolean | undefined> {
  try {
    const reached = await connection.sendCommand(["WAITAOF", "1", "0", String(limit)]);
    return Array.isArray(reached) && Number(reached[0]) >= 1;
  } catch (error) {
    if (replyWord(error) !== "ERR") throw error;
    return undefined;
  }
}
