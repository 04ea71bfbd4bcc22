import { LatchkeyError } from "../../../errors.ts";
import type { Logger } from "../../../types.ts";
import { endsConnection, Lost } from "../fault.ts";
import type { PostgresClient } from "../pg/client.ts";
import { sendForLast } from "../statements/send.ts";
import type { Texts } from "../statements/text/texts.ts";

const system = "(select system_identifier from pg_control_system())";
/** The first eight digits of a file of the log are the timeline that is being written, from the promotion on. */
const timeline = "left(pg_walfile_name(pg_current_wal_lsn()), 8)";
/** A dump that is read in makes the table anew. */
const table = "(select tableoid from latchkey_meta)";

/** What tells one life of a server from the next, best first. Some hosts forbid one or the other. */
const candidates = [
  { server: `${system} || ':' || ${timeline} || ':' || ${table}`, sees: "everything" },
  {
    server: `'0:' || ${timeline} || ':' || ${table}`,
    sees: "everything but another server with a copied database",
  },
  { server: `'0:0:' || ${table}`, sees: "no fail-over" },
] as const;

/**
 * Finds out what this server tells about its life to an ordinary role: its system identifier, its timeline, which every
 * promotion raises, and the table's own number (P7). `pg_control_checkpoint()` would not do: it names the old timeline
 * until the first checkpoint after the promotion.
 */
export async function findLife(
  client: PostgresClient,
  texts: Texts,
  logger: Logger | undefined,
): Promise<string> {
  for (const { server, sees } of candidates) {
    if (!(await isAnswered(client, texts.qualify(`select ${server}`)))) continue;
    if (sees !== "everything") logger?.warn({ sees }, `of the server's life can be seen ${sees}`);
    return server;
  }
  throw new LatchkeyError("cannot_tell", "the server does not know the tables that were just made");
}

async function isAnswered(client: PostgresClient, text: string): Promise<boolean> {
  try {
    await sendForLast(client, text);
    return true;
  } catch (error) {
    if (error instanceof Lost || endsConnection(error)) throw error;
    return false;
  }
}
