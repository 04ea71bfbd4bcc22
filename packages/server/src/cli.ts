import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { serve } from "./serve.ts";
import type { Flags } from "./settings/settings.ts";
import { StartError } from "./start-error.ts";

const examples = `
Examples:
  $ latchkey serve                          http://127.0.0.1:3000, database in ./data/latchkey.db
  $ latchkey serve --demo --port 8080       with a front page of things to try
  $ latchkey serve --config latchkey.json   with your own clients, roles and lifetimes
  $ latchkey serve --db redis://db:6379     for several processes, on one Redis or Valkey

Environment:
  LATCHKEY_SECRET          seals the keys in the database; at least 32 characters. A list with commas, newest
                           first, while it is being changed. Required with NODE_ENV=production and with a
                           database on a server; otherwise made on the first start and kept beside the file.
  LATCHKEY_BASE_URL        the address people use, e.g. https://auth.example. Required with
                           NODE_ENV=production; otherwise where the server listens
  LATCHKEY_ADMIN_EMAIL     with LATCHKEY_ADMIN_PASSWORD: the first administrator, made if there is none.
  LATCHKEY_ADMIN_PASSWORD  Without them, the start prints a link that makes one.
  LATCHKEY_LOG_LEVEL       fatal, error, warn, info (default), debug, trace or silent. Logs are JSON on stderr.

A flag goes before the environment, the environment before the file of --config. The file holds options of
latchkey(): clients, session, refresh, access, roles, keys, trustedOrigins, trustedProxies, passwords, signUp,
rateLimit, audiences, services, basePath; and port, host, db, demo, baseURL.
`;

/** The `latchkey` command. Does not return if it fails: the process ends with exit code 1 or 2 and one message. */
export async function runCli(argv: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync(argv);
  } catch (error) {
    process.exit(explain(error));
  }
}

function makeProgram(): Command {
  const program = new Command("latchkey")
    .description("Authentication server: sign-in, sessions on many devices, JWTs, and revocation that works.")
    .version(version(), "-V, --version")
    .addHelpText("after", "\nTry: latchkey serve --help\n")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "latchkey: ")) });
  program
    .command("serve")
    .description("start the server")
    .option("--port <n>", "port to listen on; 0 takes any free one (default: 3000)")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option(
      "--db <file or URL>",
      'SQLite file, or redis://host:port; ":memory:" keeps nothing (default: ./data/latchkey.db)',
    )
    .option("--demo", "add a front page of things to try, GET /api/me, and a client for each strategy")
    .option(
      "--refresh-grace <seconds>",
      "how long a refresh may be repeated and gets the same answer (default: 10)",
    )
    .option(
      "--rate-limit <on|off>",
      "off: nobody is stopped from guessing; for load tests only (default: on)",
    )
    .option("--config <file>", "JSON file, or .js/.mjs with a default export")
    .addHelpText("after", examples)
    .action((flags: Flags) => serve(flags));
  return program;
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
