import type { ChangesPage, LoggedChange, Logger } from "../types.ts";
import { type Clocks, type Currency, makeCurrency } from "./currency.ts";
import type { Feed } from "./follow/feed.ts";
import { type Follower, makeFollower } from "./follow/follower.ts";
import { type Knowledge, makeKnowledge } from "./knowledge/knowledge.ts";

/** Someone who depends on a replica: one `latchkey()`, or one verifier. */
export interface Member {
  /** How old what is known may be, in milliseconds. */
  readonly maxStaleness: number;
  /** Goes on with what is known even where it is older. */
  readonly accepts: boolean;
  /** What to call the node in leases. */
  readonly node: string;
  readonly logger: Logger | undefined;
  readonly onChange: (logged: LoggedChange) => void;
  /** After each answer of the log was taken in; `late`: for so long (milliseconds) it may have been under way. */
  readonly onPage: (page: ChangesPage, late: number) => void;
  /** What was allowed until now has to be looked up anew. */
  readonly onReset: () => void;
}

/** One process's copy of the recent changes of one store. */
export interface Replica {
  readonly knowledge: Knowledge;
  readonly currency: Currency;
  /**
   * Follows the log, from the first member on. Starts a timer and I/O: not to be called at construction (P36). Where
   * nothing may run in between two requests, `idle`: then it reads only when it is told to refresh.
   */
  join(member: Member, idle?: "idle"): void;
  /** Reads up to the head of the log; rejects if it does not answer. */
  refresh(): Promise<void>;
  /** Stops with the last member. */
  leave(member: Member): Promise<void>;
  /** Resolves when all is known that had been changed by now, or after `patience` milliseconds at the latest. */
  catchUp(patience: number): Promise<void>;
}

/** In milliseconds. */
const sweepEvery = 60_000;

/** A copy that nobody follows yet. */
export function makeReplica(feed: Feed, clocks: Clocks): Replica {
  /** By the clock of the log, as its changes are: one of ours that jumps must not make us forget what still counts. */
  let logTime = 0;
  const knowledge = makeKnowledge(() => logTime);
  const currency = makeCurrency(clocks);
  const members = new Set<Member>();
  let follower: Follower | undefined;
  let unlisten: (() => void) | undefined;
  let swept = 0;

  /** Now and then; changes that come without end must not let memory grow without end. */
  function sweep(now: number): void {
    if (now - swept < sweepEvery) return;
    swept = now;
    knowledge.sweep();
  }

  const each = <Name extends "onChange" | "onPage" | "onReset">(name: Name): Member[Name] =>
    ((...args: never[]) => {
      for (const member of members) (member[name] as (...all: never[]) => void)(...args);
    }) as Member[Name];
  const first = (): Member | undefined => members.values().next().value;
  const logger: Logger = {
    info: (fields, message) => first()?.logger?.info(fields, message),
    warn: (fields, message) => first()?.logger?.warn(fields, message),
    error: (fields, message) => first()?.logger?.error(fields, message),
  };

  return {
    knowledge,
    currency,
    refresh: async () => follower?.refresh(),
    join(member, idle) {
      members.add(member);
      follower ??= makeFollower({
        ...{ feed, knowledge, currency, clocks, logger },
        bound: () => Math.min(...[...members].map(({ maxStaleness }) => maxStaleness)),
        longestBound: () => Math.max(...[...members].map(({ maxStaleness }) => maxStaleness)),
        lease: () => ({
          node: first()?.node ?? "",
          accepts: [...members].some(({ accepts }) => accepts),
        }),
        onChange: each("onChange"),
        onPage: (page, late) => {
          logTime = page.now;
          sweep(page.now);
          each("onPage")(page, late);
        },
        onReset: each("onReset"),
      });
      unlisten ??= feed.listen?.((logged) => follower?.note(logged));
      if (idle === undefined) follower.start();
    },
    async leave(member) {
      members.delete(member);
      if (members.size > 0) return;
      const last = follower;
      follower = undefined;
      unlisten?.();
      unlisten = undefined;
      await last?.stop();
    },
    catchUp: async (patience) => follower?.catchUp(patience),
  };
}

/** Replicas of this process by what they follow, also for another copy of this module. */
const shared = Symbol.for("latchkey.replicas.1");

/** One replica for each store, whatever the number of those who use it. */
export function replicaOf(store: object, make: () => Replica): Replica {
  const replicas = sharedReplicas();
  let replica = replicas.get(store);
  if (replica === undefined) {
    replica = make();
    replicas.set(store, replica);
  }
  return replica;
}

function sharedReplicas(): WeakMap<object, Replica> {
  const found: unknown = Reflect.get(globalThis, shared);
  if (found instanceof WeakMap) return found;
  const made = new WeakMap<object, Replica>();
  Reflect.set(globalThis, shared, made);
  return made;
}
