import { LatchkeyError } from "../../../errors.ts";
import { randomToken } from "../../../lib/crypto/random.ts";
import { unref } from "../../../lib/timing/wake.ts";
import type { Line } from "../link/line.ts";
import type { Link } from "../link/link.ts";
import { evaluate, framed } from "../run/evaluate.ts";
import { begin, greet, mark as markScript, schemaVersion } from "../scripts/start.ts";
import { readState, type ServerState } from "./state.ts";

/** From the first start to the end. */
export interface Lifecycle {
  start(): Promise<void>;
  close(): Promise<void>;
  /** Of the database found at start. */
  lineage(): string;
  /** Says whether a new connection leads to it, on a server that is fit for it, and reads that one's clock. */
  welcome(line: Line): Promise<void>;
  /** Writes something of no meaning on the server of that replication id; rejects if the line leads to another. */
  mark(line: Line, on: string): Promise<void>;
}

/** What a lifecycle needs. */
export interface LifecycleOptions {
  readonly key: string;
  /** Opened in this order: the first finds, or makes, the database. */
  readonly links: () => readonly Link[];
  /** Throws where a server is not fit. */
  readonly examine: (state: ServerState) => void;
  /** Told by whoever noticed that the server has thrown so many keys away, and that everybody is signed out for it. */
  readonly onLoss?: (keys: number) => void;
  /** Whether it is looked at while nobody asks. */
  readonly isWatched: boolean;
}

/** How often a server that is in use is examined again, in ms: settings can be changed while it runs. */
const examination = 1000;
/** How often one that others may replace is asked whether it is there. */
const beat = 300;

/** Calls of `start` share one attempt; one that failed may be followed by another. `close` is final. */
export function makeLifecycle({ key, links, examine, onLoss, isWatched }: LifecycleOptions): Lifecycle {
  let lineage: string | undefined;
  let starting: Promise<void> | undefined;
  const timers: ReturnType<typeof setInterval>[] = [];
  let closed = false;

  async function welcome(line: Line): Promise<void> {
    const { connection, clock } = line;
    const state = await readState(connection);
    examine(state);
    line.fence = state.fence;
    lineage ??= await findLineage(line, key);
    const sentAt = performance.now();
    // It may write a change, which takes a mark; there is no hurry.
    const args = framed({ lineage, fence: line.fence, deadline: Number.MAX_SAFE_INTEGER });
    const answer: { time: number; lost: number } = JSON.parse(
      await evaluate(connection, greet, [key], args, true),
    );
    clock.observe(answer.time, sentAt);
    if (answer.lost > 0) onLoss?.(answer.lost);
  }

  async function mark({ connection, fence }: Line, on: string): Promise<void> {
    const args = framed({ lineage: lineage ?? "", fence, input: JSON.stringify({ on }) });
    await evaluate(connection, markScript, [key], args);
  }

  async function start(): Promise<void> {
    const [first, ...others] = links();
    try {
      await first?.open();
      await Promise.all(others.map((link) => link.open()));
      if (isWatched && timers.length === 0)
        timers.push(setInterval(reexamine, examination), setInterval(beatAll, beat));
      timers.forEach(unref);
    } catch (error) {
      starting = undefined;
      throw error;
    }
  }

  /** By the one that checks, for all. What cannot be asked is for whoever needs an answer to notice. */
  function reexamine(): void {
    const [, checks] = links();
    checks?.run({ limit: 2000, lingers: false }, welcome).catch((error) => {
      if (!(error instanceof LatchkeyError) || error.code !== "misuse") return;
      for (const link of links()) link.lose(error);
    });
  }

  function beatAll(): void {
    for (const link of links()) link.beat();
  }

  return {
    welcome,
    mark,
    lineage: () => lineage ?? "",
    start: async () => {
      if (closed) throw new LatchkeyError("cannot_tell", "the Redis store is closed");
      starting ??= start();
      await starting;
    },
    close: async () => {
      closed = true;
      timers.forEach(clearInterval);
      await starting?.catch(() => undefined);
      for (const link of links()) link.close();
    },
  };
}

async function findLineage({ connection }: Line, key: string): Promise<string> {
  const args = [randomToken(16), String(schemaVersion)];
  const [lineage = "", schema]: string[] = JSON.parse(await evaluate(connection, begin, [key], args));
  if (Number(schema) === schemaVersion) return lineage;
  const words = `the Redis database has layout ${schema} and this release knows ${schemaVersion}: use the release that made it`;
  throw new LatchkeyError("cannot_tell", words);
}
