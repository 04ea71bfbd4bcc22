import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy of our own between a client and a server on this machine: the network that tests can break. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections go through it. */
  connections(): number;
  /** Nothing gets through any more, in either direction, and nobody is told. New connections are accepted and silent. */
  freeze(): void;
  /** The same from the moment on when a client sends something with this text in it; that does not get through either. */
  freezeAt(text: string): void;
  /** What was held back goes on its way, as after a short outage. */
  thaw(): void;
  /** The connections of this moment stay open and silent for ever, as behind a router that forgot them. */
  sever(): void;
  /** Resets the connections of this moment. */
  reset(): void;
  /** Whether connections are taken; else they are refused. */
  accept(accepting: boolean): Promise<void>;
  /** Holds back everything that comes for as many milliseconds. */
  delay(milliseconds: number): void;
  /** Connections that come are led to another port. */
  lead(target: number): void;
  close(): Promise<void>;
}

interface Pair {
  readonly sockets: readonly [Socket, Socket];
  severed: boolean;
}

/** Forwards a free loopback port to another port. */
export async function startProxy(firstTarget: number): Promise<TcpProxy> {
  let target = firstTarget;
  let trigger: string | undefined;
  const pairs = new Set<Pair>();
  const held: (() => void)[] = [];
  let frozen = false;
  let delay = 0;

  // What comes in two parts must not wait for the other side's word on the first one.
  const server = createServer({ noDelay: true }, (from) => {
    const to = connect({ port: target, host: "127.0.0.1", noDelay: true });
    const pair: Pair = { sockets: [from, to], severed: false };
    pairs.add(pair);
    from.on("data", (bytes) => {
      if (trigger !== undefined && bytes.includes(trigger)) frozen = true;
    });
    relay(pair, from, to);
    relay(pair, to, from);
  });

  function relay(pair: Pair, from: Socket, to: Socket): void {
    const line = makeLine();
    const later = (act: () => void): void => line(delay, () => deliver(pair, act));
    from.on("data", (bytes) => later(() => to.write(bytes)));
    from.on("end", () => later(() => to.end()));
    from.on("error", () => later(() => to.resetAndDestroy()));
    from.on("close", () => later(() => pairs.delete(pair)));
  }

  function deliver(pair: Pair, act: () => void): void {
    if (pair.severed) return;
    if (frozen) held.push(act);
    else act();
  }

  const port = await listen(0);

  async function listen(wanted: number): Promise<number> {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  function reset(): void {
    for (const { sockets } of pairs) for (const socket of sockets) socket.resetAndDestroy();
    pairs.clear();
    held.length = 0;
  }

  return {
    port,
    connections: () => pairs.size,
    freeze: () => {
      frozen = true;
    },
    freezeAt: (text) => {
      trigger = text;
    },
    thaw: () => {
      frozen = false;
      trigger = undefined;
      for (const act of held.splice(0)) act();
    },
    sever: () => {
      for (const pair of pairs) pair.severed = true;
    },
    reset,
    accept: async (accepting) => {
      if (accepting && !server.listening) await listen(port);
      // Those that are open stay: `close` would wait for them.
      if (!accepting && server.listening) server.close();
    },
    delay: (milliseconds) => {
      delay = milliseconds;
    },
    lead: (port) => {
      target = port;
    },
    close: async () => {
      reset();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Holds things back, each for a time of its own, and keeps their order: what comes later never overtakes. */
function makeLine(): (milliseconds: number, act: () => void) => void {
  const waiting: { readonly due: number; readonly act: () => void }[] = [];
  function go(): void {
    while (waiting[0] !== undefined && waiting[0].due <= performance.now()) waiting.shift()?.act();
    if (waiting[0] !== undefined) setTimeout(go, Math.ceil(waiting[0].due - performance.now()));
  }
  return (milliseconds, act) => {
    if (milliseconds === 0 && waiting.length === 0) return act();
    const before = waiting.at(-1)?.due ?? 0;
    waiting.push({ due: Math.max(before, performance.now() + milliseconds), act });
    if (waiting.length === 1) setTimeout(go, milliseconds);
  };
}
