import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A port of loopback that was free a moment ago. Low enough for what adds 10,000 to it, as a Redis Cluster does. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    if (port < 55_000) return port;
  }
}
