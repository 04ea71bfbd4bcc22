import { LatchkeyError } from "../../../../errors.ts";
import type { Line } from "../../link/line.ts";
import type { Link } from "../../link/link.ts";
import { settleWithin } from "../../link/settle-within.ts";
import { isElsewhere } from "../../run/fault.ts";
import type { ServerState } from "../state.ts";
import { makeLedger } from "./ledger.ts";
import { reachDisk, reachReplicas } from "./reach.ts";

/** Makes sure that what was written before cannot get lost. */
export interface Confirm {
  /** Told what kind of server it is, each time that it is asked. */
  learn(state: ServerState): void;
  /** Whether there is anything to wait for: replicas, or a disk. */
  needed(): boolean;
  /**
   * After a step on the server of that replication id: `wrote` tells whether it wrote what must not get lost. Rejects
   * with `revocation_unconfirmed` if it is not safe by then (ms, of our monotonic clock).
   */
  settle(wrote: boolean, on: string, until: number): Promise<void>;
}

/** What `makeConfirm` needs. */
export interface ConfirmOptions {
  readonly link: Link;
  /** Writes something of no meaning there; once that is safe, so is all that was written before, on whatever connection. */
  readonly mark: (line: Line, on: string) => Promise<unknown>;
  /** How many replicas have to have it; undefined: one, if there is any. */
  readonly replicas: number | undefined;
}

/** In ms: with less a server could not even ask. */
const shortest = 20;

/**
 * `WAIT` and `WAITAOF` hold up their connection, so they have one of their own. All who ask while one round is under way
 * share the next: a thousand revocations cost no more than two.
 */
export function makeConfirm({ link, mark, replicas }: ConfirmOptions): Confirm {
  let state: ServerState | undefined;
  // One that had a replica is not taken for one without because it is gone: that may be a partition.
  let hadReplicas = false;
  let knowsDisk = true;
  let running: Promise<void> | undefined;
  let next: { readonly on: string; readonly done: Promise<void> } | undefined;

  const wanted = (): number => replicas ?? (hadReplicas || state?.fence !== undefined ? 1 : 0);
  const wantsDisk = (): boolean => knowsDisk && state?.appendOnly === true && state.fsync !== "always";

  async function round(on: string, milliseconds: number): Promise<void> {
    const patience = { limit: milliseconds * 2, lingers: false };
    await link.run(patience, async (line) => {
      const { connection } = line;
      // First, and not together: what waits counts what this connection has written until then.
      await mark(line, on);
      const [onReplicas, onDisk] = await Promise.all([
        wanted() > 0 ? reachReplicas(connection, wanted(), milliseconds) : true,
        wantsDisk() ? reachDisk(connection, milliseconds) : true,
      ]);
      if (onDisk === undefined) knowsDisk = false;
      if (!onReplicas || onDisk === false) throw unconfirmed(milliseconds);
    });
  }

  function share(on: string, milliseconds: number): Promise<void> {
    if (next?.on === on) return next.done;
    const start = (): Promise<void> => {
      next = undefined;
      running = round(on, milliseconds).finally(() => {
        running = undefined;
      });
      return running;
    };
    if (running === undefined) return start();
    const done = running.then(start, start);
    next = { on, done };
    return done;
  }

  /** The connection may lead to the primary of a moment ago: then it is given up, and another one asked. */
  async function insist(on: string, until: number): Promise<void> {
    for (;;) {
      const left = Math.max(Math.floor(until - performance.now()), shortest);
      try {
        return await share(on, left);
      } catch (error) {
        if (isElsewhere(error)) link.lose(error);
        const isSaid = error instanceof LatchkeyError && error.code === "revocation_unconfirmed";
        if (isSaid || left <= shortest) throw error;
        await new Promise((resolve) => setTimeout(resolve, shortest));
      }
    }
  }

  const settle = makeLedger(async (on, milliseconds) => {
    const limit = Math.max(Math.floor(milliseconds), shortest);
    try {
      await settleWithin(limit + shortest, insist(on, performance.now() + limit));
    } catch (error) {
      throw unconfirmed(limit, error);
    }
  });
  const needed = (): boolean => wanted() > 0 || wantsDisk();
  return {
    learn: (found) => {
      state = found;
      hadReplicas ||= found.replicas > 0;
    },
    needed,
    settle: async (wrote, on, until) => {
      if (needed()) await settle(wrote, on, until);
    },
  };
}

function unconfirmed(milliseconds: number, cause?: unknown): LatchkeyError {
  const words = `it holds on the primary, but no replica or disk confirmed it within ${milliseconds} ms: a fail-over may undo it. Ask again`;
  return new LatchkeyError("revocation_unconfirmed", words, { cause });
}
