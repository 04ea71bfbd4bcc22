import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addEvents } from "./cli/events.ts";
import { addKeys } from "./cli/keys.ts";
import { addServe } from "./cli/serve.ts";
import { addSessions } from "./cli/sessions.ts";
import { addUsers } from "./cli/users.ts";
import { StartError } from "./start-error.ts";

/** The `latchkey` command. Does not return if it fails: the process ends with exit code 1 or 2 and one message. */
export async function runCli(argv: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync(argv.map(asOperand));
  } catch (error) {
    process.exit(explain(error));
  }
}

/**
 * One id in 64 begins with a dash and would be taken for an option. A space before it makes it an operand; the commands
 * take it off again. No option of ours is as long as an id.
 */
function asOperand(argument: string): string {
  return /^-[\w-]{21}$/.test(argument) ? ` ${argument}` : argument;
}

function makeProgram(): Command {
  const program = new Command("latchkey")
    .description("Authentication server: sign-in, sessions on many devices, JWTs, and revocation that works.")
    .version(version(), "-V, --version")
    .addHelpText("after", "\nTry: latchkey serve --help\n")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(withoutValue(text)) });
  addServe(program);
  addUsers(program);
  addSessions(program);
  addKeys(program);
  addEvents(program);
  return program;
}

/** What commander says of a mistake. The value of an option that it does not know may be a password. */
function withoutValue(text: string): string {
  return text.replace(/^error: /, "latchkey: ").replace(/^(latchkey: unknown option '[^=']*)=.*'$/ms, "$1'");
}

/** Prints why it failed and gives the exit code. Only what nobody foresaw shows its stack. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof StartError) {
    process.stderr.write(`latchkey: ${error.message.replace(/^latchkey: /, "")}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `latchkey: unexpected error: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 1;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "";
}
