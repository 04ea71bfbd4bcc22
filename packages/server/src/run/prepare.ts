import type { Auth } from "latchkey";
import type { Settings } from "../settings/settings.ts";
import { StartError } from "../start-error.ts";
import { chooseSecret } from "./database/choose-secret.ts";
import { openAuth, prepareFolder } from "./database.ts";
import { adminRole, makeAdmin, makeSetupGate, type SetupGate } from "./first-admin.ts";
import type { Log } from "./log.ts";

/** What must stand before the first request is answered. */
export interface Prepared {
  readonly auth: Auth;
  readonly gate: SetupGate;
  readonly baseURL: string;
  /** Lines for the person who started us. */
  readonly notes: readonly string[];
}

/**
 * Database, secret and first administrator, in this order.
 *
 * @throws StartError
 */
export async function prepare(settings: Settings, url: string, log: Log): Promise<Prepared> {
  const base = chooseBaseURL(settings.baseURL, url);
  await prepareFolder(settings.db);
  const chosen = await chooseSecret(settings);
  const auth = await openAuth(settings, { secret: chosen.secret, baseURL: base.baseURL, logger: log });
  const first = await firstAdmin(auth, settings.admin, base.baseURL);
  const notes = [base.note, chosen.note, first.note, warnOfNoLimits(settings, log)].filter(
    (note) => note !== undefined,
  );
  return { auth, gate: first.gate, baseURL: base.baseURL, notes };
}

/** Said to whoever starts us and to whoever reads the log: a load test's setting must not go into production unseen. */
function warnOfNoLimits({ auth }: Settings, log: Log): string | undefined {
  if (auth.rateLimit !== false) return undefined;
  log.warn({ rateLimit: false }, "rate limits are off: passwords can be guessed without end");
  return "Warning: rate limits are off. Passwords can be guessed without end; this is for load tests only.";
}

/** Where people reach us: as configured, else where we listen; a wildcard address is no place to go to. */
function chooseBaseURL(configured: string | undefined, url: string): { baseURL: string; note?: string } {
  if (configured !== undefined) return { baseURL: configured };
  if (process.env.NODE_ENV === "production") {
    const remedy = "set it to the address people use, e.g. https://auth.example.";
    throw new StartError(`LATCHKEY_BASE_URL: missing, and required when NODE_ENV=production: ${remedy}`, 2);
  }
  const { hostname, port } = new URL(url);
  if (hostname !== "0.0.0.0" && hostname !== "[::]") return { baseURL: url };
  const baseURL = `http://127.0.0.1:${port}`;
  return {
    baseURL,
    note: `Pages and tokens name ${baseURL}: set LATCHKEY_BASE_URL to the address people use.`,
  };
}

/** The administrator that the environment names, or else, while there is none, a link that makes one. */
async function firstAdmin(
  auth: Auth,
  admin: Settings["admin"],
  baseURL: string,
): Promise<{ gate: SetupGate; note?: string }> {
  if (admin !== undefined) {
    const made = await makeAdmin(auth, admin);
    const note = `Made the first administrator: ${admin.email}`;
    return { gate: makeSetupGate(false).gate, ...(made ? { note } : {}) };
  }
  const { gate, token } = makeSetupGate(!(await auth.api.hasRole({ role: adminRole })));
  if (token === undefined) return { gate };
  return { gate, note: `Make the first administrator here (works once): ${baseURL}/setup?token=${token}` };
}
