import { Lost } from "../fault.ts";
import type { PostgresClient } from "../pg/client.ts";
import { type Limit, withLimit } from "../pool/limit.ts";
import type { Link } from "./link.ts";

/** The follower's connection, so that it waits for nobody who waits for a lock. Work on it is done in turn. */
export interface Line {
  use<T>(work: (client: PostgresClient) => Promise<T>): Promise<T>;
  /** Whether notifications come through. */
  hears(): boolean;
  drop(): void;
}

/** What a line needs. */
export interface LineOptions {
  readonly connect: (limit: Limit) => Promise<Link>;
  /** What whoever asked then (`performance.now()`) gets if there was no answer in time. */
  readonly late: (asked: number) => Error;
  /** Called when there was one. */
  readonly answered: () => void;
  /** What becomes of an error. */
  readonly toFault: (error: unknown) => Error;
}

/** How long the connection may take for an answer, in ms: less than a quarter of the usual `maxStaleness` (P11). */
const answerLimit = 450;

/** Connects when there is work, and again after a loss. */
export function makeLine({ connect, late, answered, toFault }: LineOptions): Line {
  let link: Link | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function work<T>(limit: Limit, job: (client: PostgresClient) => Promise<T>): Promise<T> {
    const isOld = link?.isLost() === false;
    if (link === undefined || link.isLost()) link = await connect(limit);
    const current = link;
    limit.tidy = current.drop;
    try {
      await current.ready();
      return await job(current.client);
    } catch (error) {
      current.drop();
      // It may have been closed long ago, unnoticed; a fresh one knows.
      if (isOld && error instanceof Lost && !limit.over()) return work(limit, job);
      throw error;
    }
  }

  async function attempt<T>(job: (client: PostgresClient) => Promise<T>): Promise<T> {
    const asked = performance.now();
    try {
      const result = await withLimit(
        answerLimit,
        () => late(asked),
        (limit) => work(limit, job),
      );
      answered();
      return result;
    } catch (error) {
      throw toFault(error);
    }
  }

  return {
    use: (job) => {
      const mine = turn.then(() => attempt(job));
      turn = mine.catch(() => undefined);
      return mine;
    },
    hears: () => link?.hears() === true,
    drop: () => link?.drop(),
  };
}
