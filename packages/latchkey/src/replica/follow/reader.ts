import { randomToken } from "../../lib/crypto/random.ts";
import type { ChangesPage, LeaseRenewal, LoggedChange, Logger, Position } from "../../types.ts";
import { type Clocks, type Currency, type Moment, momentOf } from "../currency.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { makeCheckpoints } from "./checkpoints.ts";
import type { Feed } from "./feed.ts";
import { recover } from "./recover.ts";

/** What reading the log works with. */
export interface ReaderParts {
  readonly feed: Feed;
  readonly knowledge: Knowledge;
  readonly currency: Currency;
  readonly clocks: Clocks;
  readonly logger: Logger | undefined;
  /** How old what is known may be, in milliseconds: for the strictest of those who depend on it. */
  readonly bound: () => number;
  /** The same for the one who goes on longest: for so long receipts have to wait. */
  readonly longestBound: () => number;
  readonly lease: () => Pick<LeaseRenewal, "node" | "accepts">;
  readonly onChange: (logged: LoggedChange) => void;
  /** After each answer was taken in; `late`: for so long (milliseconds) it may have been under way. */
  readonly onPage: (page: ChangesPage, late: number) => void;
  /** What was allowed until now has to be looked up anew. */
  readonly onReset: () => void;
}

/** Reads on from where it has come to. */
export interface Reader {
  /**
   * One read, taken in whole or not at all. Gives what is known then: whether it reached the head of the log, and when
   * the question was asked.
   */
  read(waitMs: number, signal: AbortSignal): Promise<ReadResult>;
  /** No answer proves anything any more. */
  close(): void;
  /** undefined: no lease was taken yet. */
  readonly leaseId: string | undefined;
}

export interface ReadResult {
  readonly atHead: boolean;
  readonly found: number;
  readonly asked: Moment;
  /** The log was not the one that was read before. */
  readonly reset: boolean;
}

/** What an answer is the answer to. */
interface Question {
  readonly asked: Moment;
  readonly waitMs: number;
  /** What the lease that went with it allows for. */
  readonly bound: number;
}

/** Entries of one answer. */
const pageSize = 1000;
/** How long a change is kept beyond the longest life of what was issued before it, in milliseconds. */
const margin = 60_000;

/** How long the lease of a node is that trusts what it knows for so long (P17). Milliseconds. */
export function leaseTime(bound: number): number {
  return Math.ceil(bound * 1.1 + 250);
}

export function makeReader(parts: ReaderParts): Reader {
  const { feed, knowledge, currency, clocks, logger } = parts;
  const checkpoints = makeCheckpoints();
  let after: Position | null = null;
  let leaseId: string | undefined;
  let counter = 0;
  let trusts = true;
  /** One at a time: it asks many questions, and whoever has given up on the first one must not begin another. */
  let beginning: Promise<void> | undefined;

  function take(page: ChangesPage, { asked, waitMs, bound }: Question): void {
    const keepFor = page.longestLife + margin;
    for (const logged of page.changes) if (!knowledge.apply(logged, keepFor)) goBlind(logged);
    after = page.position;
    checkpoints.add({ position: page.position, at: page.now }, keepFor);
    const age = page.age ?? 0;
    if (page.atHead && trusts)
      currency.prove({ monotonic: asked.monotonic - age, wall: asked.wall - age }, bound);
    // Whoever is told of one change knows of all.
    for (const logged of page.changes) parts.onChange(logged);
    // What holds nothing was answered when the time was up.
    const waited = page.changes.length === 0 ? waitMs : 0;
    parts.onPage(page, Math.max(clocks.wall() - asked.wall - waited, 0) + age);
  }

  /** P5: what is not understood may forbid anything. */
  function goBlind({ change: { kind } }: LoggedChange): void {
    if (trusts)
      logger?.error({ kind }, `the change log holds "${kind}", which this release does not know: upgrade it`);
    close();
  }

  async function begin(reset: Exclude<ChangesPage["reset"], false>): Promise<void> {
    currency.forget();
    parts.onReset();
    await recover({ feed, knowledge, checkpoints, logger }, reset);
    checkpoints.clear();
    after = null;
  }

  async function beginOnce(reset: Exclude<ChangesPage["reset"], false>): Promise<void> {
    beginning ??= begin(reset).finally(() => {
      beginning = undefined;
    });
    await beginning;
  }

  function close(): void {
    trusts = false;
    currency.forget();
  }

  return {
    close,
    get leaseId() {
      return leaseId;
    },
    async read(waitMs, signal) {
      if (beginning !== undefined) {
        await beginning;
        return { atHead: false, found: 0, asked: momentOf(clocks), reset: true };
      }
      leaseId ??= randomToken(16);
      counter += 1;
      const turn = counter;
      const bound = parts.longestBound();
      const lease = { ...parts.lease(), id: leaseId, counter, duration: leaseTime(bound) };
      const asked = momentOf(clocks);
      const page = await feed.read({ after, limit: pageSize, waitMs, lease, signal });
      // Given up, and asked again since: an answer so late counts for nothing.
      if (turn !== counter) return { atHead: false, found: 0, asked, reset: false };
      if (page.reset === false) take(page, { asked, waitMs, bound });
      else await beginOnce(page.reset);
      const { atHead, changes, reset } = page;
      return { atHead, found: changes.length, asked, reset: reset !== false };
    },
  };
}
