import type { Server } from "node:http";
import type { Log } from "./log.ts";

/** How long requests that run may take to finish (milliseconds). */
const patience = 10_000;
/** How often connections that have become idle are looked for (milliseconds). */
const sweep = 50;
/** npm and a terminal both pass on one Ctrl+C: what follows this soon is the same signal (milliseconds). */
const echo = 200;

/** What else there is to do. */
export interface Stopping {
  /** At first: ends requests that would never finish by themselves. */
  readonly begin: () => void;
  /** When no request runs any more. */
  readonly close: () => Promise<void>;
}

/**
 * Ends the process on SIGTERM or SIGINT: no new connections, running requests finish, exit code 0. A second signal ends
 * it at once.
 */
export function stopOnSignals(server: Server, log: Log, stopping: Stopping): void {
  let first: number | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (first !== undefined) {
      if (performance.now() - first > echo) process.exit(1);
      return;
    }
    first = performance.now();
    log.info({ signal }, "stopping");
    finish(server, stopping).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** Whatever nobody caught: said once in the log's own form, then the process ends, since its state is unknown. */
export function endOnUncaught(log: Log): void {
  process.once("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught error");
    process.exit(1);
  });
}

async function finish(server: Server, { begin, close }: Stopping): Promise<void> {
  begin();
  await drain(server);
  await close();
}

/** Keep-alive connections turn idle only when their last answer is out, so they are swept until none is left. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const sweeping = setInterval(() => server.closeIdleConnections(), sweep);
    const giveUp = setTimeout(() => server.closeAllConnections(), patience);
    server.close(() => {
      clearInterval(sweeping);
      clearTimeout(giveUp);
      resolve();
    });
  });
}
