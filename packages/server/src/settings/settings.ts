import { z } from "zod";
import { mistake } from "../start-error.ts";
import { check } from "./check.ts";
import { clientsFor } from "./clients.ts";
import { readSettingsFile } from "./file.ts";
import { type AuthOptions, baseURL, type FileSettings, host, port, refreshGrace } from "./schema.ts";
import { readSecrets } from "./secret.ts";

/** The flags that name settings, as the command line gives them: of `latchkey serve`, and some of every command. */
export interface Flags {
  readonly port?: string;
  readonly host?: string;
  readonly db?: string;
  readonly demo?: boolean;
  readonly config?: string;
  readonly rateLimit?: string;
  readonly refreshGrace?: string;
  readonly metricsPort?: string;
}

/** How much is logged, by pino's names. */
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** All that a start needs to know, checked. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  /** File of the database, address of a Postgres or Redis one, or `:memory:`. */
  readonly db: string;
  readonly demo: boolean;
  /** undefined: the address we listen on. */
  readonly baseURL: string | undefined;
  /** Newest first; undefined: kept beside the database. */
  readonly secret: readonly string[] | undefined;
  readonly logLevel: LogLevel;
  /** undefined: no metrics. */
  readonly metricsPort: number | undefined;
  /** The first administrator, if the environment names one. */
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  readonly auth: AuthOptions & Required<Pick<AuthOptions, "basePath" | "clients">>;
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const logLevel = z.enum(logLevels, { error: `use one of ${logLevels.join(", ")}.` });

/**
 * Brings flags, environment and configuration file together: the first of them that names a setting decides.
 *
 * @throws StartError (exit code 2) that names the first mistake
 */
export async function readSettings(flags: Flags, env: NodeJS.ProcessEnv): Promise<Settings> {
  const file = await readSettingsFile(flags.config);
  const demo = flags.demo ?? file.demo ?? false;
  return {
    port: flags.port === undefined ? (file.port ?? 3000) : check(port, toNumber(flags.port), "--port"),
    host: flags.host === undefined ? (file.host ?? "127.0.0.1") : check(host, flags.host, "--host"),
    db: readDb(flags.db ?? (env.LATCHKEY_DB || (file.db ?? defaultDb))),
    demo,
    baseURL: env.LATCHKEY_BASE_URL
      ? check(baseURL, env.LATCHKEY_BASE_URL, "LATCHKEY_BASE_URL")
      : file.baseURL,
    secret: readSecrets(env),
    logLevel: check(logLevel, env.LATCHKEY_LOG_LEVEL || "info", "LATCHKEY_LOG_LEVEL"),
    metricsPort:
      flags.metricsPort === undefined
        ? file.metricsPort
        : check(port, toNumber(flags.metricsPort), "--metrics-port"),
    admin: readAdmin(env),
    auth: {
      ...authOptions(file, demo, flags.config ?? "the configuration"),
      ...rateLimitOf(flags.rateLimit, file.rateLimit),
      ...refreshOf(flags.refreshGrace, file.refresh),
    },
  };
}

const defaultDb = "./data/latchkey.db";

/** A file, or the URL of a server. Of a URL no more is shown than its scheme: it may hold a password. */
function readDb(db: string): string {
  const [, scheme] = /^([a-z][a-z+]*):\/\//i.exec(db) ?? [];
  if (scheme !== undefined && !/^(?:postgres|postgresql|rediss?)$/.test(scheme))
    throw mistake(
      "--db",
      `"${scheme}://…"`,
      "give a file, or the address of a server: postgres:// or redis://.",
    );
  return check(z.string().min(1, "give a file, e.g. --db ./data/latchkey.db"), db, "--db");
}

/** A flag's digits as a number; anything else stays what it was, for the message. */
function toNumber(text: string): number | string {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

function readAdmin(env: NodeJS.ProcessEnv): Settings["admin"] {
  const email = env.LATCHKEY_ADMIN_EMAIL;
  const password = env.LATCHKEY_ADMIN_PASSWORD;
  if (email && password) return { email, password };
  if (!email && !password) return undefined;
  const missing = email ? "LATCHKEY_ADMIN_PASSWORD" : "LATCHKEY_ADMIN_EMAIL";
  throw mistake(
    missing,
    "missing",
    "the first administrator needs both an address and a password; set both or neither.",
  );
}

const onOrOff = z.enum(["on", "off"], { error: "use on or off." });

/** `--rate-limit on` keeps the limits of the file, if it has any. */
function rateLimitOf(
  flag: string | undefined,
  configured: AuthOptions["rateLimit"],
): Pick<AuthOptions, "rateLimit"> {
  if (flag === undefined) return {};
  if (check(onOrOff, flag, "--rate-limit") === "off") return { rateLimit: false };
  return configured === false ? { rateLimit: {} } : {};
}

/** `--refresh-grace` takes the place of the file's `refresh.grace`. */
function refreshOf(
  flag: string | undefined,
  configured: AuthOptions["refresh"],
): Pick<AuthOptions, "refresh"> {
  if (flag === undefined) return {};
  return { refresh: { ...configured, grace: check(refreshGrace, toNumber(flag), "--refresh-grace") } };
}

function authOptions(file: FileSettings, demo: boolean, path: string): Settings["auth"] {
  const {
    port: _port,
    host: _host,
    db: _db,
    demo: _demo,
    baseURL: _baseURL,
    metricsPort: _metrics,
    ...options
  } = file;
  return { basePath: "/api/auth", ...options, clients: clientsFor(demo, options.clients, path) };
}
