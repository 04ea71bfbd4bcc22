import type { Clock } from "../../../lib/clock.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import { compileReadSession } from "../../sql/steps/sessions/read-session.ts";
import type { PostgresClient } from "../pg/client.ts";
import { askOfCheck } from "./asked.ts";
import { ask } from "./run.ts";
import type { Texts } from "./text/texts.ts";

/**
 * Asks what every check asks, of nobody: the server reads its catalogues and plans the statement once for each
 * connection, which takes a first user many times as long as the next.
 */
export function makePrime(
  db: SqlDriver["db"],
  texts: Texts,
  clock: Clock | undefined,
): (client: PostgresClient) => Promise<unknown> {
  const { sql, parameters } = compileReadSession(db, (now) => askOfCheck(clock, now));
  const nobody = { sql, parameters: parameters.map((name) => (name === "now" ? 0 : "")) };
  return (client) => ask(client, texts, nobody);
}
