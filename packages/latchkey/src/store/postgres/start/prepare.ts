import { discard, hangUp, listenTo, type PostgresClient, type PostgresPool } from "../pg/client.ts";
import { withLimit } from "../pool/limit.ts";
import { sendForLast } from "../statements/send.ts";
import { findLife } from "./life.ts";
import { migrateDatabase } from "./migrate.ts";
import type { OpenOptions } from "./options.ts";
import { checkServer } from "./server.ts";

/** How long a server may take to let us in, in ms: some are woken by the first who asks. */
const patience = 10_000;
/** How long the tables may take, and those of others who make them at the same time, in ms. */
const workLimit = 120_000;

/** What is found at start. */
export interface Found {
  readonly lineage: string;
  /** Tells one life of the server from the next. */
  readonly server: string;
}

/** Looks at the server, brings the tables to this release's version, and says what they are. */
export async function prepare(pool: PostgresPool, options: OpenOptions): Promise<Found> {
  const client = await connect(pool);
  listenTo(client);
  const late = () => new Error("the tables were not ready in time");
  try {
    const found = await withLimit(workLimit, late, async (limit) => {
      limit.tidy = () => hangUp(client);
      await checkServer(client);
      await migrateDatabase(client, options.db, options.schema);
      const { texts, logger } = options;
      const server = await findLife(client, texts, logger);
      const { values } = await sendForLast(client, texts.qualify("select lineage from latchkey_meta"));
      return { lineage: String(values[0]?.[0]), server };
    });
    client.release();
    return found;
  } catch (error) {
    discard(client);
    throw error;
  }
}

/** Our own pool gives up sooner than that, and one of the application's perhaps never. */
function connect(pool: PostgresPool): Promise<PostgresClient> {
  const late = () => new Error(`no connection within ${patience / 1000} s`);
  return withLimit(patience, late, async (limit) => {
    for (;;) {
      try {
        const client = await pool.connect();
        if (!limit.over()) return client;
        client.release();
        throw late();
      } catch (error) {
        const isTimeout = error instanceof Error && /time(d )?out/i.test(error.message);
        if (!isTimeout || limit.over()) throw error;
      }
    }
  });
}
