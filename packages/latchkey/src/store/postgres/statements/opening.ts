import { LatchkeyError } from "../../../errors.ts";
import { checkLineage } from "../../sql/steps/locks.ts";
import type { PostgresClient } from "../pg/client.ts";
import { primaryLineage, serverClock } from "./asked.ts";
import { send, sendForLast } from "./send.ts";
import type { Texts } from "./text/texts.ts";

/** Undoes what the transaction has done, if there is one. */
export async function rollBack(client: PostgresClient): Promise<void> {
  await send(client, { text: "rollback" });
}

/** How long the server keeps a transaction open whose client says nothing any more, in ms: it holds locks. */
const idle = 2000;

/** What a transaction may do, and how long the server works on a statement of it, in ms. */
export interface Opening {
  readonly mode: "read only" | "read write";
  readonly left: number;
}

/**
 * Begins a transaction, in one message with what bounds it: whatever the role's or the pool's defaults are, and for
 * this transaction alone, since with a pooler the next one on the connection may be somebody else's. A commit is on
 * disk before it is answered, on that of the synchronous standbys too (P35).
 */
export async function begin(
  client: PostgresClient,
  texts: Pick<Texts, "qualify">,
  { mode, left }: Opening,
  lineage: string,
): Promise<number> {
  // Whoever was admitted so late would only keep others from their turn.
  if (left <= 0) throw new LatchkeyError("cannot_tell", "the database is busy: it was too late to begin");
  const limit = Math.max(Math.floor(left), 100);
  const settings = {
    statement_timeout: `'${limit}'`,
    // Sooner, so that the error says what it was that took so long.
    lock_timeout: `'${limit - 50}'`,
    idle_in_transaction_session_timeout: `'${idle}'`,
    // Compiling takes longer than anything that is asked here.
    jit: "'off'",
    synchronous_commit:
      "case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end",
  };
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', ${value}, true)`);
  const seen = `${serverClock}, ${primaryLineage}`;
  const text = `begin isolation level read committed, ${mode}; select ${seen}, ${set.join(", ")} from latchkey_meta m where m.id = 1`;
  const { values } = await sendForLast(client, texts.qualify(text));
  const [now, found] = values[0] ?? [];
  checkLineage(typeof found === "string" ? { lineage: found } : undefined, lineage);
  return Number(now);
}
