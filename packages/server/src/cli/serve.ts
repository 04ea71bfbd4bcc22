import type { Command } from "commander";
import type { Flags } from "../settings/settings.ts";

const examples = `
Examples:
  $ latchkey serve                          http://127.0.0.1:3000, database in ./data/latchkey.db
  $ latchkey serve --demo --port 8080       with a front page of things to try
  $ latchkey serve --config latchkey.json   with your own clients, roles and lifetimes
  $ LATCHKEY_DB=postgres://app:…@db/auth latchkey serve
  $ latchkey serve --db redis://db:6379     for several processes, on one Redis or Valkey

Environment:
  LATCHKEY_DB              the same as --db, for an address with a password in it
  LATCHKEY_SECRET          seals the keys in the database; at least 32 characters. A list with commas, newest
                           first, while it is being changed. Required with NODE_ENV=production and with
                           Postgres and Redis; otherwise made on the first start and kept beside the file.
  LATCHKEY_BASE_URL        the address people use, e.g. https://auth.example. Required with
                           NODE_ENV=production; otherwise where the server listens
  LATCHKEY_ADMIN_EMAIL     with LATCHKEY_ADMIN_PASSWORD: the first administrator, made if there is none.
  LATCHKEY_ADMIN_PASSWORD  Without them, the start prints a link that makes one.
  LATCHKEY_LOG_LEVEL       fatal, error, warn, info (default), debug, trace or silent. Logs are JSON on stderr.

A flag goes before the environment, the environment before the file of --config. The file holds options of
latchkey(): clients, session, refresh, access, revocation, roles, keys, trustedOrigins, trustedProxies, passwords,
signUp, rateLimit, audiences, services, basePath; and port, host, db, demo, baseURL, metricsPort.
`;

/** `latchkey serve`. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("start the server")
    .option("--port <n>", "port to listen on; 0 takes any free one (default: 3000)")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option(
      "--db <database>",
      'SQLite file, postgres://user@host/name or redis://host; ":memory:" keeps nothing (default: ./data/latchkey.db)',
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
    .option(
      "--metrics-port <n>",
      "serve Prometheus metrics at /metrics on a port of their own (default: off)",
    )
    .option("--config <file>", "JSON file, or .js/.mjs with a default export")
    .addHelpText("after", examples)
    .action(async (flags: Flags) => {
      // Only now: the other commands need neither pages nor a web server, and begin a fifth sooner without.
      const { serve } = await import("../serve.ts");
      await serve(flags);
    });
}
