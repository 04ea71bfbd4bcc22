import { startProxy, type TcpProxy } from "../../../../test/support/net/proxy.ts";

/** A wire of its own to the port for each node. */
export function wiresTo(port: number, nodes: number): Promise<TcpProxy[]> {
  return Promise.all(Array.from({ length: nodes }, () => startProxy(port)));
}

/** Takes them down, then the server. */
export async function stopAll(wires: readonly TcpProxy[], stopServer: () => Promise<void>): Promise<void> {
  await Promise.all(wires.map((wire) => wire.close()));
  await stopServer();
}
