import type { Change, ChangesPage, LoggedChange, ReadChanges } from "latchkey";
import { vi } from "vitest";
import type { Feed } from "../../../packages/latchkey/src/replica/follow/feed.ts";
import type { Lookup } from "../../../packages/latchkey/src/replica/lookup.ts";
import { type Member, makeReplica } from "../../../packages/latchkey/src/replica/replica.ts";

/** How a feed behaves at a time: milliseconds until it looks at the log and until its answer arrives, or a failure. */
export interface Weather {
  readonly there: number;
  readonly back: number;
  readonly fails: boolean;
}

/** A log in memory behind a network that a test controls. All of its time is that of fake timers. */
export function makeWorld(weather: () => Weather) {
  const log: LoggedChange[] = [];
  const wake = new Set<() => void>();
  let life = "one";
  let skew = 0;
  const reads: { readonly input: ReadChanges; readonly at: number }[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const look = ({ after, limit }: ReadChanges): ChangesPage => {
    const [of, n] = after === null ? [life, 0] : [after.split(".")[0], Number(after.split(".")[1])];
    const page = { now: Date.now() + skew, longestLife: 900_000, atHead: false, changes: [] };
    const head = `${life}.${log.length}.`;
    if (of !== life || n > log.length) return { ...page, position: head, reset: "lost" };
    const changes = log.slice(n, n + limit);
    const at = n + changes.length;
    return { ...page, changes, position: `${life}.${at}.`, atHead: at === log.length, reset: false };
  };
  const feed: Feed = {
    async read(input) {
      reads.push({ input, at: performance.now() });
      const { there, back, fails } = weather();
      await sleep(there);
      if (fails) throw new Error("the network is down");
      let page = look(input);
      if (page.reset === false && page.changes.length === 0 && input.waitMs > 0) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            wake.delete(done);
            resolve();
          };
          wake.add(done);
          setTimeout(done, input.waitMs);
          input.signal?.addEventListener("abort", done);
        });
        page = look(input);
      }
      await sleep(back);
      return page;
    },
    dropLease: async () => undefined,
    restore: undefined,
  };
  return {
    feed,
    reads,
    log,
    write(change: Change) {
      log.push({ at: Date.now() + skew, change });
      for (const done of [...wake]) done();
    },
    /** The store's clock is so many ms ahead of ours from now on. */
    skew(milliseconds: number) {
      skew = milliseconds;
    },
    /** The store is another one now, with what is given. */
    replaceBy(changes: readonly LoggedChange[]) {
      life = `${life}x`;
      log.splice(0, log.length, ...changes);
    },
  };
}

/** A replica by the fake clocks. */
export function follow(feed: Feed, wanted: Partial<Member> = {}) {
  const replica = makeReplica(feed, {
    monotonic: () => performance.now(),
    elapsed: (since) => Math.ceil(performance.now() - since),
    wall: () => Date.now(),
  });
  const resets: number[] = [];
  const member: Member = {
    maxStaleness: 2000,
    accepts: false,
    node: "test",
    logger: undefined,
    onChange: () => undefined,
    onPage: () => undefined,
    onReset: () => void resets.push(Date.now()),
    ...wanted,
  };
  return { replica, member, resets };
}

/** Nobody is to be asked. */
export const lookup: Lookup = () => Promise.reject(new Error("the store was asked"));

/** Timers, dates and `performance` stand still until they are moved. */
export function useFakeTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
}
