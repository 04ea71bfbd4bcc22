import { createServer, type Server } from "node:http";
import type { Auth } from "latchkey";
import { StartError, systemCode } from "../../start-error.ts";
import { makeRegistry } from "./registry.ts";

/** Where Prometheus reads, apart from where people and programs sign in. */
export interface MetricsDoor {
  readonly url: string;
  close(): void;
}

/**
 * Serves `GET /metrics` in Prometheus' text format.
 *
 * @throws StartError if the port is not to be had
 */
export async function openMetrics(
  auth: Pick<Auth, "stats">,
  host: string,
  port: number,
): Promise<MetricsDoor> {
  const registry = makeRegistry(() => auth.stats());
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.read().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await listen(server, host, port);
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;
  const shown = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${shown}:${taken}/metrics`, close: () => void server.close() };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const inUse = systemCode(error) === "EADDRINUSE" ? "is in use" : error.message;
      const remedy = "choose another with --metrics-port (0 takes any free one).";
      reject(new StartError(`Metrics port ${port} on ${host} ${inUse}: ${remedy}`, 1, error));
    });
    server.listen(port, host, () => resolve());
  });
}
