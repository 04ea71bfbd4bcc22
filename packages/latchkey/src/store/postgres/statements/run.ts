import { refuseNul } from "../../sql/nul.ts";
import type { Rows, Script, Statement } from "../../sql/script.ts";
import type { PostgresClient } from "../pg/client.ts";
import { send } from "./send.ts";
import type { Texts } from "./text/texts.ts";

/** Runs a script on a connection, awaiting each statement. */
export async function runScript<Result>(
  client: PostgresClient,
  texts: Pick<Texts, "prepare">,
  script: Script<Result>,
): Promise<Result> {
  let step = script.next();
  while (step.done !== true) step = script.next(await answer(client, texts, step.value));
  return step.value;
}

async function answer(
  client: PostgresClient,
  texts: Pick<Texts, "prepare">,
  { sql, parameters }: Statement,
): Promise<Rows> {
  for (const value of parameters) refuseNul(value);
  const [rows] = await send(client, { ...texts.prepare(sql), values: [...parameters] });
  return rows ?? { columns: [], values: [] };
}
