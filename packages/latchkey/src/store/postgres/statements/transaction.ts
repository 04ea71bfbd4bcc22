import { isKept, type Scope, type Script } from "../../sql/script.ts";
import { Lost } from "../fault.ts";
import type { PostgresClient } from "../pg/client.ts";
import type { Limit } from "../pool/limit.ts";
import { commit } from "./ending.ts";
import { begin, rollBack } from "./opening.ts";
import { runScript } from "./run.ts";
import type { Texts } from "./text/texts.ts";

/** What a transaction needs of the store. */
export interface Ground {
  readonly texts: Texts;
  readonly lineage: string;
  /** Tells whoever follows the log that there is something new. */
  readonly word: string;
  /** The scope of a step that begins when the server's clock says so. */
  scopeAt(serverNow: number): Scope;
}

/** How much sooner than its caller gives up a step must begin to commit, in ms: the commit itself takes its time. */
const margin = 200;

/** Runs a step as one transaction. A refusal, or whatever is thrown, undoes it. */
export async function transact<Result>(
  client: PostgresClient,
  { texts, lineage, word, scopeAt }: Ground,
  limit: Limit,
  step: (scope: Scope) => Script<Result>,
): Promise<{ readonly result: Result; readonly scope: Scope }> {
  const opening = { mode: "read write", left: limit.left() - margin } as const;
  return undoing(client, async () => {
    const serverNow = await begin(client, texts, opening, lineage);
    // When the server read its clock the caller had waited no longer than now.
    const deadline = serverNow + limit.left() - margin;
    const scope = scopeAt(serverNow);
    const result = await runScript(client, texts, step(scope));
    if (isKept(result)) await commit(client, texts, scope, deadline, word);
    else await rollBack(client);
    return { result, scope };
  });
}

/** Runs a step that only reads, in a transaction that the server would end by itself. */
export function transactReading<Result>(
  client: PostgresClient,
  { texts, lineage, scopeAt }: Ground,
  limit: Limit,
  step: (scope: Scope) => Script<Result>,
): Promise<Result> {
  return undoing(client, async () => {
    const opening = { mode: "read only", left: limit.left() } as const;
    const scope = scopeAt(await begin(client, texts, opening, lineage));
    const result = await runScript(client, texts, step(scope));
    await rollBack(client);
    return result;
  });
}

async function undoing<Result>(client: PostgresClient, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Lost)) await rollBack(client);
    throw error;
  }
}
