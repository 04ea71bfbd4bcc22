import { LatchkeyError } from "../../../errors.ts";
import type { Scope } from "../../sql/script.ts";
import { makeTag } from "../../sql/steps/changes/append.ts";
import { endsConnection, Lost, sqlState } from "../fault.ts";
import type { PostgresClient } from "../pg/client.ts";
import { send, sendForLast } from "./send.ts";
import { entryText, logTexts } from "./text/log.ts";
import type { Texts } from "./text/texts.ts";

/**
 * Ends a step that is to be kept: what is to be told of it (as `withChanges` puts it), its deadline by the server's
 * clock (P32), and the commit, all in one message. So nobody waits for a network, or for a client that was stopped, who
 * has an entry to add to the logs; and what lies unread in the socket of a server that stands still is not done later.
 * The word to those who follow comes after the commit, as a transaction of its own: before whoever asked has an answer,
 * and without holding its lock while the disk is waited for.
 */
export async function commit(
  client: PostgresClient,
  texts: Pick<Texts, "qualify">,
  scope: Pick<Scope, "now" | "audits" | "changes">,
  deadline: number,
  word: string,
): Promise<void> {
  const late = `select 1 / (clock_timestamp() < to_timestamp(${deadline.toFixed(0)} / 1000.0))::int`;
  const tag = makeTag();
  const words = scope.changes.length > 0 ? [word] : [];
  const text = texts.qualify([...logTexts(scope, tag), late, "commit", ...words].join("; "));
  try {
    const answers = await send(client, { text }).catch(explain);
    const command = answers.at(-1 - words.length)?.command;
    if (command !== "COMMIT") throw new Lost(new Error(`the server answered ${command} to a commit`));
  } catch (error) {
    const isTold = error instanceof Lost || error instanceof LatchkeyError || words.length === 0;
    if (isTold || !(await isDone(client, texts, tag))) throw error;
  }
}

/**
 * Whether only the word went wrong, e.g. because the role's `lock_timeout` or the server's full queue did not let it
 * through: what is done is not to be called undone. Whoever follows looks by themselves soon.
 */
async function isDone(client: PostgresClient, texts: Pick<Texts, "qualify">, tag: string): Promise<boolean> {
  try {
    return (await sendForLast(client, texts.qualify(`rollback; ${entryText(tag)}`))).values.length > 0;
  } catch (error) {
    throw new InDoubt(error);
  }
}

/** Whether a commit was done whose answer did not come nobody can say: it is not tried again. */
function explain(error: unknown): never {
  if (sqlState(error) === "22012")
    throw new LatchkeyError("cannot_tell", "the database came to it too late, and did nothing", {
      cause: error,
    });
  if (!(error instanceof Lost) && !endsConnection(error)) throw error;
  throw new InDoubt(error instanceof Lost ? error.cause : error);
}

/** The connection broke while a commit was under way. */
export class InDoubt extends Lost {}
