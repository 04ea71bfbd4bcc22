import { attempt } from "./attempts.ts";
import { lateFor, toFault } from "./fault.ts";
import type { PostgresClient } from "./pg/client.ts";
import type { Use } from "./pool/gate.ts";
import { type Limit, withLimit } from "./pool/limit.ts";
import type { OpenDatabase } from "./start/open.ts";

/** What a call does on its connection. */
type Work<T> = (client: PostgresClient, opened: OpenDatabase, limit: Limit) => Promise<T>;

/** Runs a call to its end, or to the end of its time. */
export type Call = <T>(use: Use, milliseconds: number, work: Work<T>) => Promise<T>;

/** `database` gives the open database, and throws while there is none. */
export function makeCall(name: string, database: () => OpenDatabase): Call {
  const late = () => lateFor(name);
  return async (use, milliseconds, work) => {
    const opened = database();
    const { lending } = opened;
    const once = (limit: Limit) => lending.lend(use, limit, (client) => work(client, opened, limit));
    try {
      return await withLimit(milliseconds, late, (limit) => attempt(limit, () => once(limit)));
    } catch (error) {
      throw toFault(name, error);
    }
  };
}
