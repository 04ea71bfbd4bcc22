import { makeWake, unref } from "../../lib/timing/wake.ts";
import type { LoggedChange } from "../../types.ts";
import { makeReader, type Reader, type ReaderParts, type ReadResult } from "./reader.ts";

/** Reads the change log for as long as the process lives. */
export interface Follower {
  /** Begins, if it has not. */
  start(): void;
  /** Reads up to the head of the log, once for all who ask meanwhile: where nothing may run in between. */
  refresh(): Promise<void>;
  /** Resolves when all is known that had been changed by now, or after `patience` milliseconds at the latest. */
  catchUp(patience: number): Promise<void>;
  /** Takes in what this process has just changed itself. */
  note(logged: readonly LoggedChange[]): void;
  /** Stops trusting what is known, then gives the lease back. */
  stop(): Promise<void>;
}

/** Where changes come without end, the next answer is asked for so much later (milliseconds): it brings several. */
const gather = 4;
/** How long it may take to give the lease back, in milliseconds. */
const farewell = 1000;
/** Pauses after a failure, in milliseconds: doubled each time, and uneven. */
const pause = { first: 50, longest: 1000 };
/** So often whoever reads in between two checks begins anew; a log that is another one each time has no head. */
const mostResets = 3;

/** Someone who waits until all is known that had happened by a moment of the monotonic clock. */
interface Waiter {
  readonly since: number;
  readonly done: () => void;
}

export function makeFollower(parts: ReaderParts): Follower {
  const { clocks, logger, bound } = parts;
  const reader = makeReader(parts);
  const wake = makeWake();
  const waiting = new Set<Waiter>();
  let state: "new" | "running" | "stopped" = "new";
  let ended: Promise<void> | undefined;
  let waits = new AbortController();
  const countResets = makeCounter();

  async function readOnce(atHead: boolean): Promise<ReadResult> {
    const waitMs = atHead && waiting.size === 0 ? Math.floor(bound() / 4) : 0;
    waits = new AbortController();
    const { signal } = waits;
    // P11: what is not there by then is not waited for any longer.
    const result = await withLimit(reader.read(waitMs, signal), waitMs + Math.max(bound() / 4, 100), signal);
    if (result.atHead) for (const one of waiting) if (result.asked.monotonic >= one.since) one.done();
    return result;
  }

  async function run(): Promise<void> {
    let atHead = false;
    let failures = 0;
    while (state === "running") {
      const began = clocks.monotonic();
      try {
        const result = await readOnce(atHead);
        if (failures > 0) logger?.info({}, "the change log answers again");
        [atHead, failures] = [result.atHead, 0];
        await rest(result, began);
      } catch (error) {
        if (error === stopped) continue;
        // The first answer after it is to prove something at once, not when there is news.
        atHead = false;
        failures = await fail(error, failures);
      }
    }
  }

  async function fail(error: unknown, before: number): Promise<number> {
    if (state !== "running") return before;
    if (before === 0) logger?.warn({ err: error }, "the change log does not answer");
    for (const one of waiting) one.done();
    await wake.wait(pauseAfter(before + 1));
    return before + 1;
  }

  async function rest({ found, atHead, reset }: ReadResult, began: number): Promise<void> {
    // Two servers behind one address that know nothing of each other: no storm helps.
    const resets = countResets(reset);
    if (reset && resets > 1) await wake.wait(pauseAfter(resets - 1));
    const left = gather - (clocks.monotonic() - began);
    if (found > 0 && atHead && waiting.size === 0 && left > 0) await wake.wait(left);
  }

  /** Whoever is in the middle of waiting looks again at once. */
  function stir(): void {
    waits.abort(stopped);
    wake.wake();
  }

  let refreshing: Promise<void> | undefined;
  async function readToHead(): Promise<void> {
    for (let begun = 0; ; ) {
      const { atHead, reset } = await readOnce(false);
      if (atHead) return;
      if (reset) begun += 1;
      if (begun > mostResets) throw new Error("the change log is another one each time that it is read");
    }
  }

  const follower: Follower = {
    refresh() {
      refreshing ??= readToHead().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    start() {
      if (state !== "new") return;
      state = "running";
      ended = run();
    },
    note: reader.note,
    async catchUp(patience) {
      // Where nobody reads in between, whoever has changed something reads.
      if (state === "new")
        await withLimit(follower.refresh(), patience, new AbortController().signal).catch(() => undefined);
      if (state !== "running") return;
      await new Promise<void>((resolve) => {
        const one: Waiter = { since: clocks.monotonic(), done };
        const timer = unref(setTimeout(done, patience));
        function done(): void {
          clearTimeout(timer);
          waiting.delete(one);
          resolve();
        }
        waiting.add(one);
        stir();
      });
    },
    async stop() {
      if (state === "stopped") return ended;
      state = "stopped";
      reader.close();
      stir();
      await ended;
      await giveBack(parts, reader);
    },
  };
  return follower;
}

/** Counts how often reading was begun anew without having come any further from where it began. */
function makeCounter(): (reset: boolean) => number {
  let resets = 0;
  let hasBegun = false;
  return (reset) => {
    if (reset) resets += 1;
    else if (!hasBegun) resets = 0;
    hasBegun = reset;
    return resets;
  };
}

/** Why waiting ends early. */
const stopped = new Error("asked to look again");

/** It runs out by itself too: that nobody can be told is no reason to fail. */
async function giveBack({ feed, logger }: ReaderParts, { leaseId }: Reader): Promise<void> {
  if (leaseId === undefined) return;
  await withLimit(feed.dropLease(leaseId), farewell, new AbortController().signal).catch((error: unknown) => {
    logger?.warn({ err: error }, "the lease could not be given back; it runs out");
  });
}

function pauseAfter(failures: number): number {
  const longest = Math.min(pause.first * 2 ** (failures - 1), pause.longest);
  return longest * (0.5 + Math.random() / 2);
}

/** Rejects when the time is up, or at once when the signal says so. */
function withLimit<Value>(work: Promise<Value>, limit: number, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = new Error(`no answer within ${Math.round(limit)} ms`);
    const timer = unref(setTimeout(() => reject(late), limit));
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
