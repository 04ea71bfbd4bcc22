import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port of loopback that was free a moment ago. Below those that systems give to connections (32768 and more on Linux):
 * a server that is killed and started again must find its port still free.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await Promise.race([
      once(server, "listening").then(() => true),
      once(server, "error").then(() => false),
    ]).catch(() => false);
    server.close();
    if (isFree) {
      await once(server, "close");
      return port;
    }
  }
}
