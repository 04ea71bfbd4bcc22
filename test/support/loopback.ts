import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Auth } from "latchkey";
import { onTestFinished } from "vitest";

/** Serves on a free loopback port until the test is over; the address without a slash at its end. */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The library behind a plain Node server: only what these tests send, a GET without body. */
export function serveGets({ handler }: Auth): RequestListener {
  return (request, response) => {
    const url = `http://${request.headers.host}${request.url}`;
    void handler(new Request(url)).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  };
}
