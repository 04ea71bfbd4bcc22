import { LatchkeyError } from "../../../errors.ts";
import type { Wake } from "../../../lib/timing/wake.ts";
import { toFault } from "../run/fault.ts";
import type { Connection } from "./connection.ts";
import { type Line, type LineOptions, makeLine } from "./line.ts";
import { settleWithin } from "./settle-within.ts";

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
  /** Keeps a connection known to be alive, where that matters. */
  beat(): void;
  close(): void;
}

/** What a link needs. */
export interface LinkOptions extends LineOptions {
  /** Told when no answer came; not when a connection was closed, which every link notices by itself. */
  readonly onSilence: () => void;
  readonly onChange: (fault: LatchkeyError | undefined) => void;
  /** Wakes all links that pause between two attempts: the server is back. */
  readonly pauses: Wake;
  /** Whether an answer counts only from a server that is known not to have been away, see `trust`. */
  readonly guarded: boolean;
}

/** In ms. How long after a connection was closed somebody waits at most for the one that is made in its place. */
const blink = 1000;
/** What has to be left then of the time that they have. */
const rest = 30;
/** How long a link that another one makes suspect has for an answer. */
const probe = 1000;
/**
 * A server that others may replace is believed so long after it last answered. A primary that was paused does not know
 * that it has been replaced; that takes longer than this, so that no connection from before outlives it.
 */
const trust = 1000;
/** How long such a one has for an answer that keeps it believed. */
const pulse = 500;
/** Between attempts: doubled from the first to the last. */
const firstPause = 25;
const lastPause = 800;

export function makeLink(options: LinkOptions): Link {
  const { onSilence, onChange, pauses, guarded } = options;
  let line: Line | undefined;
  let fault = new LatchkeyError("cannot_tell", "the Redis store was not started");
  let closed = false;
  /** The first attempt after a connection was closed; of one that got no answer there is nothing to wait for. */
  let replacing: { readonly done: Promise<unknown>; readonly since: number } | undefined;

  async function connect(): Promise<void> {
    try {
      const made = await makeLine(options, lose);
      if (closed) made.connection.destroy();
      if (closed) throw closedFault();
      line = made;
      onChange(undefined);
      pauses.wake();
    } catch (error) {
      fault = toFault(error);
      throw fault;
    }
  }

  function lose(connection: Connection, error: unknown, wasSilent = false): void {
    if (line?.connection !== connection) return;
    line = undefined;
    fault = toFault(error);
    connection.destroy();
    onChange(fault);
    if (!closed) void reconnect(wasSilent);
  }

  async function reconnect(wasSilent: boolean): Promise<void> {
    const attempt = (): Promise<void> => connect().catch(onChange);
    const done = attempt();
    if (!wasSilent) replacing = { done, since: performance.now() };
    await done;
    replacing = undefined;
    for (let pause = firstPause; line === undefined && !closed; pause = Math.min(pause * 2, lastPause)) {
      await pauses.wait(pause);
      if (!closed) await attempt();
    }
  }

  async function current({ limit }: Patience): Promise<Line> {
    const left = (replacing?.since ?? 0) + Math.min(limit - rest, blink) - performance.now();
    if (line === undefined && replacing !== undefined && left > 0)
      await settleWithin(left, replacing.done).catch(() => undefined);
    if (line !== undefined && !closed) return line;
    throw closed ? closedFault() : again(fault);
  }

  function run<T>(patience: Patience, work: (line: Line) => Promise<T>): Promise<T> {
    const silence = line === undefined || !mayBeReplaced(line) ? 0 : performance.now() - line.heardAt;
    if (line !== undefined && silence > trust) lose(line.connection, tooSilent());
    return line === undefined
      ? current(patience).then((it) => runOn(it, patience, work))
      : runOn(line, patience, work);
  }

  function mayBeReplaced({ fence }: Line): boolean {
    return guarded && fence !== undefined;
  }

  function runOn<T>(on: Line, { limit, lingers }: Patience, work: (line: Line) => Promise<T>): Promise<T> {
    const { connection } = on;
    return settleWithin(limit, heardOf(on, work(on)), {
      onLate: () => {
        const late = new LatchkeyError("cannot_tell", `Redis did not answer within ${limit} ms`);
        if (line === on) onSilence();
        lose(connection, late, true);
        return late;
      },
      // Not ready: the connection is gone. Otherwise it is an answer, though none that was hoped for.
      holdsBack: () => lingers && !connection.isReady,
    });
  }

  function ask(limit: number): void {
    if (line === undefined) return;
    const patience = { limit, lingers: false };
    runOn(line, patience, ({ connection }) => connection.sendCommand(["PING"])).catch(() => undefined);
  }

  return {
    open: async () => {
      if (closed) throw closedFault();
      if (line === undefined) await connect();
    },
    run,
    lose: (error) => line && lose(line.connection, error),
    suspect: () => ask(probe),
    beat: () => line && mayBeReplaced(line) && ask(pulse),
    close: () => {
      closed = true;
      line?.connection.destroy();
      line = undefined;
    },
  };
}

async function heardOf<T>(line: Line, answer: Promise<T>): Promise<T> {
  const value = await answer;
  line.heardAt = performance.now();
  return value;
}

function tooSilent(): LatchkeyError {
  return new LatchkeyError("cannot_tell", "Redis has been silent for too long to be believed");
}

function closedFault(): LatchkeyError {
  return new LatchkeyError("cannot_tell", "the Redis store is closed");
}

/** An error of its own for each who is told: its trace is theirs. */
function again(fault: LatchkeyError): LatchkeyError {
  return new LatchkeyError("cannot_tell", fault.message, { cause: fault });
}
