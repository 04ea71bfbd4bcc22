import { type LogFollower, openFollower, wordOf } from "../follower/open.ts";
import { type OpenPool, openPool } from "../pg/pool.ts";
import { type Connections, openConnections } from "../pool/connections.ts";
import { askOfServer } from "../statements/asked.ts";
import { makePrime } from "../statements/prime.ts";
import type { Ground } from "../statements/transaction.ts";
import type { OpenOptions } from "./options.ts";
import { type Found, prepare } from "./prepare.ts";

/** A database that answers. */
export interface OpenDatabase extends Pick<Connections, "lending"> {
  readonly ground: Ground;
  readonly follower: LogFollower;
  close(): Promise<void>;
}

/** Connects, brings the tables to this release's version, and leaves nothing open if that fails. */
export async function openDatabase(options: OpenOptions): Promise<OpenDatabase> {
  const opened = await openPool(options.source, options.logger);
  try {
    const found = await prepare(opened.pool, options);
    return await assemble(opened, found, options);
  } catch (error) {
    await opened.end();
    throw error;
  }
}

async function assemble(
  opened: OpenPool,
  { lineage, server }: Found,
  options: OpenOptions,
): Promise<OpenDatabase> {
  const { source, db, texts, clock, logger } = options;
  const known = { name: source.name, texts, lineage, logger };
  const prime = makePrime(db, texts, clock);
  const connections = await openConnections({ ...known, ...opened, prime });
  const follower = openFollower({ ...known, ...connections });
  const scopeAt: Ground["scopeAt"] = (serverNow) => ({
    ...{ db, lineage, audits: [], changes: [] },
    now: clock?.() ?? serverNow,
    asked: askOfServer(clock, server),
  });
  return {
    ground: { texts, lineage, word: wordOf(lineage), scopeAt },
    lending: connections.lending,
    follower,
    close: async () => {
      connections.breaker.stop();
      follower.close();
      await connections.settled();
      await opened.end();
    },
  };
}
