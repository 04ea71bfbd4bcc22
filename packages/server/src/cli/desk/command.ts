import { type Command, Option } from "commander";
import type { AuthApi, CallContext, EventType, Refusal } from "latchkey";
import type { Flags } from "../../settings/settings.ts";
import type { Answer } from "../output/print.ts";

/** The flags of every command that administers. */
export interface DeskFlags extends Pick<Flags, "db" | "config" | "demo"> {
  readonly json?: boolean;
}

/** What such a command works with: the verbs of the HTTP routes, and who it is that calls. */
export interface Desk {
  readonly api: AuthApi;
  readonly call: CallContext;
  /** Names of the configured clients. */
  readonly clients: readonly string[];
  readonly eventTypes: readonly EventType[];
}

/**
 * Does the work of a command on the server's database, and prints what comes of it.
 *
 * @throws StartError
 */
export async function administer(
  flags: DeskFlags,
  work: (desk: Desk) => Promise<Answer | Refusal>,
): Promise<void> {
  // Only now: help and mistyped options need no database, and are there four times as soon without its code.
  const { workAtDesk } = await import("./work.ts");
  await workAtDesk(flags, work);
}

const heading = "The server's settings:";

/**
 * Gives a command the options by which it finds the server's database, and its examples. After its own options, so that
 * those come first in its help.
 */
export function ofServer(command: Command, examples: string): Command {
  const option = (flags: string, text: string): Option => new Option(flags, text).helpGroup(heading);
  return command
    .option("--json", "print JSON instead of a table")
    .addOption(option("--db <file>", "its SQLite file (default: ./data/latchkey.db)"))
    .addOption(option("--config <file>", "its configuration file"))
    .addOption(option("--demo", "it was started with --demo"))
    .addHelpText("after", `\nExamples:\n${examples.replace(/^/gm, "  $ ")}\n\n${environment}`);
}

const environment = `Environment:
  LATCHKEY_SECRET  as the server has it; without it, the file <db>.secret beside the database is read.

Exit codes:
  0 done, 1 refused or "cannot tell", 2 a wrong option, argument or setting. Works while the server runs.`;
