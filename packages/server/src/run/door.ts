import { createServer, type Server } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { mistake, StartError, systemCode } from "../start-error.ts";

/** Answers a request, as hono's `app.fetch` does. */
type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** A port that is ours. Requests that come before {@link Door.open} wait for it. */
export interface Door {
  readonly server: Server;
  /** The address we listen on, e.g. `http://[::1]:3000`. */
  readonly url: string;
  open(fetch: Fetch): void;
}

/** A client gets this long for its headers, and for its whole request (milliseconds). */
const timeouts = { headersTimeout: 10_000, requestTimeout: 30_000 };

/**
 * Takes the port before anything else is touched: its number is part of baseURL, which `latchkey()` needs, and a
 * second start on a busy port must leave no trace.
 *
 * @throws StartError if the port or the address is not to be had
 */
export async function takePort(host: string, port: number): Promise<Door> {
  let open: (fetch: Fetch) => void = () => {};
  let fetch: Fetch | undefined;
  const opened = new Promise<Fetch>((resolve) => {
    open = resolve;
  });
  const answer: Fetch = (request, env) =>
    fetch?.(request, env) ?? opened.then((later) => later(request, env));
  const listener = getRequestListener((request, env) => answer(request, env as HttpBindings));
  const server = createServer(timeouts, listener);
  await listening(server, host, port);
  return {
    server,
    url: addressOf(server),
    open: (given) => {
      fetch = given;
      open(given);
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, host, port)));
    server.listen(port, host, () => resolve());
  });
}

function explain(error: Error, host: string, port: number): Error {
  const code = systemCode(error);
  const other = "choose another with --port (0 takes any free one).";
  if (code === "EADDRINUSE")
    return new StartError(`Port ${port} on ${host} is in use: stop what uses it, or ${other}`, 1);
  if (code === "EACCES") return new StartError(`Port ${port} is not allowed for this user: ${other}`, 1);
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL" || code === "EAI_AGAIN" || code === "EINVAL") {
    return mistake(
      "--host",
      JSON.stringify(host),
      "this machine has no such address; 127.0.0.1 and 0.0.0.0 always work.",
    );
  }
  return new StartError(`Cannot listen on ${host} port ${port}: ${error.message}`, 1, error);
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("a TCP server has an address and a port");
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
