import { randomToken } from "../../lib/crypto/random.ts";
import type { Change, ChangesPage, LeaseRenewal, LoggedChange, Logger, Position } from "../../types.ts";
import { type Clocks, type Currency, type Moment, momentOf } from "../currency.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { makeCheckpoints } from "./checkpoints.ts";
import type { Feed } from "./feed.ts";
import { makeOwnChanges } from "./own.ts";
import { recover, restoreOwn } from "./recover.ts";

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
  /** Takes in what this process has just changed itself. */
  note(logged: readonly LoggedChange[]): void;
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
/** The same of what this process has changed before the log has said how long that is. */
const untold = 86_400_000;

/** How long the lease of a node is that trusts what it knows for so long (P17). Milliseconds. */
export function leaseTime(bound: number): number {
  return Math.ceil(bound * 1.1 + 250);
}

export function makeReader(parts: ReaderParts): Reader {
  const { feed, knowledge, currency, clocks, logger } = parts;
  const checkpoints = makeCheckpoints();
  const own = makeOwnChanges(knowledge);
  let keepFor = untold;
  let after: Position | null = null;
  let leaseId: string | undefined;
  let counter = 0;
  let trusts = true;
  /** One at a time: it asks many questions, and whoever has given up on the first one must not begin another. */
  let beginning: Promise<void> | undefined;

  function take(page: ChangesPage, { asked, waitMs, bound }: Question): void {
    keepFor = page.longestLife + margin;
    for (const logged of page.changes) if (!knowledge.apply(logged, keepFor)) goBlind(logged);
    own.meet(page.changes);
    after = page.position;
    checkpoints.add({ position: page.position, at: page.now }, keepFor);
    const age = page.age ?? 0;
    // What has yet to be made good others do not know of: until then nobody here says that all is known.
    if (page.atHead && trusts && lacking(asked).length === 0)
      currency.prove({ monotonic: asked.monotonic - age, wall: asked.wall - age }, bound);
    // Whoever is told of one change knows of all.
    for (const logged of page.changes) parts.onChange(logged);
    // What holds nothing was answered when the time was up.
    const waited = page.changes.length === 0 ? waitMs : 0;
    parts.onPage(page, Math.max(clocks.wall() - asked.wall - waited, 0) + age);
  }

  /** What the store has lost of what this process has changed itself. */
  function lacking(asked: Moment): readonly Change[] {
    return feed.restore === undefined ? [] : own.missing(asked);
  }

  async function mend(changes: readonly Change[]): Promise<void> {
    await restoreOwn({ feed, logger }, changes);
    own.forget(changes);
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
    // With all else that is known it was made good.
    if (reset === "lost") own.clear();
    checkpoints.clear();
    after = null;
  }

  async function once(work: () => Promise<void>): Promise<void> {
    beginning ??= work().finally(() => {
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
    note: (logged) => own.note(logged, momentOf(clocks), keepFor),
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
      const { changes, reset } = page;
      if (reset === false) take(page, { asked, waitMs, bound });
      else await once(() => begin(reset));
      const missing = page.atHead ? lacking(asked) : [];
      if (missing.length > 0) await once(() => mend(missing));
      const atHead = page.atHead && missing.length === 0;
      return { atHead, found: changes.length, asked, reset: reset !== false };
    },
  };
}
