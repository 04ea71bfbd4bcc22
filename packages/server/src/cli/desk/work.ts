import { eventTypes, LatchkeyError, type Refusal } from "latchkey";
import { readSettings } from "../../settings/settings.ts";
import { type Answer, printAnswer, printError } from "../output/print.ts";
import type { Desk, DeskFlags } from "./command.ts";
import { openExisting } from "./open.ts";
import { whoCalls } from "./who-calls.ts";

/**
 * Opens the server's database, does the work, closes it and prints what came of it. A refusal and a fault are printed
 * with their codes, and the exit code becomes 1.
 *
 * @throws StartError
 */
export async function workAtDesk(
  { json = false, ...flags }: DeskFlags,
  work: (desk: Desk) => Promise<Answer | Refusal>,
): Promise<void> {
  const settings = await readSettings(flags, process.env);
  try {
    const auth = await openExisting(settings);
    const clients = Object.keys(settings.auth.clients);
    const desk = { api: auth.api, call: whoCalls(), clients, eventTypes };
    const result = await work(desk).finally(() => auth.close());
    await (result.ok ? printAnswer(result, json) : printError(result, json));
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    await printError({ code: error.code, detail: error.message }, json);
  }
}
