import { LatchkeyError } from "../../../errors.ts";
import type { Wake } from "../../../lib/timing/wake.ts";
import type { Connection, Dial } from "./connection.ts";
import { toFault } from "./fault.ts";
import { makeServerClock, type ServerClock } from "./server-clock.ts";
import { settleWithin } from "./settle-within.ts";

/** A connection that was found to lead where it should. */
export interface Line {
  readonly connection: Connection;
  readonly clock: ServerClock;
  /** For how many seconds its server may have heard nothing of its replicas; undefined: for ever. */
  fence: number | undefined;
}

/** How long something on a link may take. */
export interface Patience {
  /** In ms; then the connection is given up with all that waits on it. */
  readonly limit: number;
  /**
   * Whether what was sent may still be carried out when the connection is lost. Then "cannot tell" is told at the limit,
   * by when the deadline has passed: what was rejected must not happen afterwards.
   */
  readonly lingers: boolean;
}

/** One connection at a time, and a breaker: while there is none everybody is told so at once (P32). */
export interface Link {
  /** Makes the first connection. Rejects if that fails; may be called again. */
  open(): Promise<void>;
  /** Does something on the connection. Rejects with a fault, or with what the server said in place of a result. */
  run<T>(patience: Patience, work: (line: Line) => Promise<T>): Promise<T>;
  /** Gives the connection up and looks for another. */
  lose(error: unknown): void;
  /** Another link got no answer: asks whether this one does. */
  suspect(): void;
  close(): void;
}

/** What a link needs. */
export interface LinkOptions {
  readonly dial: Dial;
  /** Says whether a new connection leads where it should, and finds out about its server's clock and fence. */
  readonly welcome: (line: Line) => Promise<void>;
  /** Told when no answer came; not when a connection was closed, which every link notices by itself. */
  readonly onSilence: () => void;
  readonly onChange: (fault: LatchkeyError | undefined) => void;
  /** Wakes all links that pause between two attempts: the server is back. */
  readonly pauses: Wake;
}

/** In ms. How long a connection may take to be made and found right. */
const opening = 2000;
/** How long after a connection was closed somebody waits for the one that is being made in its place. */
const blink = 150;
/** How long a link that another one makes suspect has for an answer. */
const probe = 1000;
/** Between attempts: doubled from the first to the last. */
const firstPause = 25;
const lastPause = 800;

export function makeLink({ dial, welcome, onSilence, onChange, pauses }: LinkOptions): Link {
  let line: Line | undefined;
  let fault = new LatchkeyError("cannot_tell", "the Redis store was not started");
  let closed = false;
  /** The first attempt after a connection was closed, and until when it is worth waiting for. */
  let replacing: { readonly done: Promise<unknown>; readonly until: number } | undefined;

  async function connect(): Promise<void> {
    const connection = await dial();
    connection.on("error", (error) => lose(connection, error));
    try {
      await settleWithin(opening, connection.connect());
      const found: Line = { connection, clock: makeServerClock(), fence: undefined };
      await settleWithin(opening, welcome(found));
      if (closed) throw closedFault();
      line = found;
      onChange(undefined);
      pauses.wake();
    } catch (error) {
      connection.destroy();
      fault = toFault(error);
      throw fault;
    }
  }

  function lose(connection: Connection, error: unknown): void {
    if (line?.connection !== connection) return;
    line = undefined;
    fault = toFault(error);
    connection.destroy();
    onChange(fault);
    if (!closed) void reconnect();
  }

  async function reconnect(): Promise<void> {
    const first = settleWithin(opening * 2, connect()).catch(onFault);
    replacing = { done: first, until: performance.now() + blink };
    await first;
    replacing = undefined;
    for (let pause = firstPause; line === undefined && !closed; pause = Math.min(pause * 2, lastPause)) {
      await pauses.wait(pause);
      if (!closed) await settleWithin(opening * 2, connect()).catch(onFault);
    }
  }

  function onFault(error: unknown): void {
    if (line === undefined) onChange(toFault(error));
  }

  async function current(): Promise<Line> {
    const left = (replacing?.until ?? 0) - performance.now();
    if (line === undefined && replacing !== undefined && left > 0)
      await settleWithin(left, replacing.done).catch(() => undefined);
    if (line !== undefined && !closed) return line;
    throw closed ? closedFault() : again(fault);
  }

  function run<T>(patience: Patience, work: (line: Line) => Promise<T>): Promise<T> {
    return line === undefined
      ? current().then((it) => runOn(it, patience, work))
      : runOn(line, patience, work);
  }

  function runOn<T>(on: Line, { limit, lingers }: Patience, work: (line: Line) => Promise<T>): Promise<T> {
    const { connection } = on;
    return settleWithin(limit, work(on), {
      onLate: () => {
        const late = new LatchkeyError("cannot_tell", `Redis did not answer within ${limit} ms`);
        if (line === on) onSilence();
        lose(connection, late);
        return late;
      },
      // Not ready: the connection is gone. Otherwise it is an answer, though none that was hoped for.
      holdsBack: () => lingers && !connection.isReady,
    });
  }

  return {
    open: async () => {
      if (closed) throw closedFault();
      if (line === undefined) await settleWithin(opening * 2, connect());
    },
    run,
    lose: (error) => {
      if (line !== undefined) lose(line.connection, error);
    },
    suspect: () => {
      const ping = { limit: probe, lingers: false };
      if (line !== undefined)
        run(ping, ({ connection }) => connection.sendCommand(["PING"])).catch(() => undefined);
    },
    close: () => {
      closed = true;
      line?.connection.destroy();
      line = undefined;
    },
  };
}

function closedFault(): LatchkeyError {
  return new LatchkeyError("cannot_tell", "the Redis store is closed");
}

/** An error of its own for each who is told: its trace is theirs. */
function again(fault: LatchkeyError): LatchkeyError {
  return new LatchkeyError("cannot_tell", fault.message, { cause: fault });
}
