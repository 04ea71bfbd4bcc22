import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A TCP proxy that does to a connection what networks do. */
export interface Proxy {
  readonly port: number;
  readonly url: string;
  /** Passes everything on so many ms later. */
  delay(milliseconds: number): void;
  /** Passes nothing on any more, in the direction given or in both, and closes nothing: a half-open connection. */
  silence(direction?: "to server" | "to client"): void;
  /** Passes everything on at once; connections that lost something on the way are cut. */
  heal(): void;
  /** Resets every connection. */
  cut(): void;
  /** Connections that are made from now on lead there. */
  aim(port: number): void;
  close(): Promise<void>;
}

export async function startProxy(first: number): Promise<Proxy> {
  let target = first;
  let wait = 0;
  const silent = { "to server": false, "to client": false };
  const damaged = new Set<Socket>();
  const sockets = new Set<Socket>();

  function pass(from: Socket, to: Socket, direction: keyof typeof silent): void {
    from.on("data", (chunk) => {
      if (silent[direction]) damaged.add(from);
      else if (wait > 0) setTimeout(() => to.write(chunk), wait);
      else to.write(chunk);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      damaged.delete(from);
      // Of what is silent nobody hears that it is closed either.
      if (!silent[direction]) to.destroy();
    });
    sockets.add(from);
  }

  const server = createServer((client) => {
    const upstream = createConnection(target, "127.0.0.1");
    pass(client, upstream, "to server");
    pass(upstream, client, "to client");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cut = (some: Iterable<Socket>): void => {
    for (const socket of [...some]) socket.resetAndDestroy();
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    delay: (milliseconds) => {
      wait = milliseconds;
    },
    silence: (direction) => {
      silent["to server"] = direction !== "to client";
      silent["to client"] = direction !== "to server";
    },
    heal: () => {
      wait = 0;
      silent["to server"] = false;
      silent["to client"] = false;
      cut(damaged);
    },
    cut: () => cut(sockets),
    aim: (port) => {
      target = port;
    },
    close: async () => {
      cut(sockets);
      server.close();
      await once(server, "close");
    },
  };
}
