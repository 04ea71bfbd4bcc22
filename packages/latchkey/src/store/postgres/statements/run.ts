import { refuseNul } from "../../sql/nul.ts";
import type { Rows, Script, Statement } from "../../sql/script.ts";
import type { PostgresClient } from "../pg/client.ts";
import { send, Unprepared } from "./send.ts";
import type { Texts } from "./text/texts.ts";

/** Runs a script on a connection, awaiting each statement. */
export async function runScript<Result>(
  client: PostgresClient,
  texts: Pick<Texts, "prepare" | "forgetNames">,
  script: Script<Result>,
): Promise<Result> {
  let step = script.next();
  while (step.done !== true) step = script.next(await ask(client, texts, step.value));
  return step.value;
}

/** Runs one statement, prepared on the connection if that is of use. */
export async function ask(
  client: PostgresClient,
  texts: Pick<Texts, "prepare" | "forgetNames">,
  { sql, parameters }: Pick<Statement, "sql" | "parameters">,
): Promise<Rows> {
  for (const value of parameters) refuseNul(value);
  try {
    const [rows] = await send(client, { ...texts.prepare(sql), values: [...parameters] });
    return rows ?? { columns: [], values: [] };
  } catch (error) {
    if (error instanceof Unprepared && error.isLostOnTheWay()) texts.forgetNames();
    throw error;
  }
}
