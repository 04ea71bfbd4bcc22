import { makeApp } from "./app.ts";
import { type Door, takePort } from "./run/door.ts";
import { type Log, makeLog } from "./run/log.ts";
import { openMetrics } from "./run/metrics/door.ts";
import { prepare } from "./run/prepare.ts";
import { requestLog } from "./run/request-log.ts";
import { endOnUncaught, stopOnSignals } from "./run/shutdown.ts";
import { type Flags, readSettings, type Settings } from "./settings/settings.ts";

/**
 * `latchkey serve`: read top to bottom. Returns once the server accepts; signals end it.
 *
 * @throws StartError
 */
export async function serve(flags: Flags): Promise<void> {
  const settings = await readSettings(flags, process.env);
  const log = makeLog(settings.logLevel);
  const door = await takePort(settings.host, settings.port);
  try {
    await open(door, settings, log);
  } catch (error) {
    door.server.close();
    door.server.closeAllConnections();
    throw error;
  }
}

async function open(door: Door, settings: Settings, log: Log): Promise<void> {
  const { auth, gate, baseURL, notes } = await prepare(settings, door.url, log);
  const site = {
    auth,
    gate,
    baseURL,
    signUpOpen: settings.auth.signUp?.enabled ?? true,
    passwordMinLength: settings.auth.passwords?.minLength ?? 8,
  };
  const { basePath } = settings.auth;
  // Before the door opens: a port that is not to be had stops the start.
  const metrics =
    settings.metricsPort === undefined
      ? undefined
      : await openMetrics(auth, settings.host, settings.metricsPort);
  door.open(makeApp({ site, basePath, demo: settings.demo, log: requestLog(log) }).fetch);
  endOnUncaught(log);
  stopOnSignals(door.server, log, {
    begin: auth.drain,
    close: () => {
      metrics?.close();
      return auth.close();
    },
  });
  // The line that other programs wait for stands alone.
  process.stdout.write(`Latchkey listening on ${door.url}\n`);
  if (metrics !== undefined) process.stdout.write(`Metrics on ${metrics.url}\n`);
  for (const note of notes) process.stdout.write(`${note}\n`);
}
