import { type DestinationStream, destination, type Logger, pino } from "pino";
import type { LogLevel } from "../settings/settings.ts";
import { redactMembers } from "./redact.ts";

/** The server's log: one JSON object a line. */
export type Log = Logger;

/**
 * Logs to stderr, since stdout is for the person who starts the server. Written at once: the line that says why a
 * process ended must not be lost with it.
 */
export function makeLog(level: LogLevel, to: DestinationStream = destination({ dest: 2, sync: true })): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (members) => redactMembers(members) },
      // pino's own treatment of `err` would bring back what redaction took out.
      serializers: { err: (error: unknown) => error },
    },
    to,
  );
}
