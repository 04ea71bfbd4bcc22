// A node: a process of its own that serves the system under test on loopback. Started by the harness alone.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setWallClock } from "./clock.ts";
import { expressNode } from "./express-session.ts";
import { latchkeyNode } from "./latchkey.ts";
import type { NodeSettings, Told } from "./settings.ts";

/** What a subject gives to be served. */
export interface ServedNode {
  readonly listener: RequestListener;
  close(): Promise<void>;
}

async function main(): Promise<void> {
  const settings: NodeSettings = JSON.parse(process.env.CHAOS_NODE ?? "{}");
  setWallClock(settings.ahead);
  process.on("message", ({ ahead }: Told) => setWallClock(ahead));
  const node = settings.subject === "latchkey" ? await latchkeyNode(settings) : await expressNode(settings);
  const server = createServer(node.listener);
  server.keepAliveTimeout = 60_000;
  server.listen(settings.port, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ port });
  });
  // Should the harness die, nothing of it stays.
  process.on("disconnect", () => process.exit(0));
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => {
    server.close();
    server.closeIdleConnections();
    void node.close().finally(() => process.exit(0));
  });
}

await main();
