import type { TcpProxy } from "../../../../test/support/net/proxy.ts";
import type { StoreName } from "../../node/settings.ts";

/** The server that the nodes' stores are in, and the wires to it. */
export interface StoreServer {
  readonly name: StoreName;
  /** Where it is reached with nothing in between. */
  readonly address: string;
  /** Where a node reaches it. */
  addressOf(node: number): string;
  /** The wire of each node; none for a file. */
  readonly wires: readonly TcpProxy[];
  /** What can be done to the server; undefined: it is a file. */
  readonly server: BreakableServer | undefined;
  stop(): Promise<void>;
}

/** A server that can be broken. */
export interface BreakableServer {
  /** Ends it with no chance to tidy up. */
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Leaves it no room, or no connection, for anything new. Gives what undoes it. */
  exhaust(): Promise<() => Promise<void>>;
  /** Lets its disk be full. Gives what makes room again, and starts it where it has given up. */
  fillDisk?(): Promise<() => Promise<void>>;
  /** Lets it throw away what it has no room for. Gives what undoes it; what is gone is gone. */
  evict?(): Promise<() => Promise<void>>;
  /** Starts it without any of its data, after `kill`; the data is kept aside. Gives what puts it back, once it is killed again. */
  startEmpty?(): Promise<() => Promise<void>>;
  /** Puts an older copy in the place of what is there: `copy` takes one, `putBack` restores it after `kill`. */
  copy?(): Promise<{ putBack(): void }>;
}
