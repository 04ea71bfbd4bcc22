import type { Clock } from "../lib/clock.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { makeStoreClock } from "../lib/timing/store-clock.ts";
import type { Find } from "../read/remembered.ts";
import { type CredentialCache, makeCredentialCache } from "../replica/cache.ts";
import { systemClocks } from "../replica/currency.ts";
import type { Feed } from "../replica/follow/feed.ts";
import { keepUp } from "../replica/keep-up.ts";
import { type Live, makeLive } from "../replica/live.ts";
import { makeLookup } from "../replica/lookup.ts";
import { makeReceipts, type Receipts } from "../replica/receipt.ts";
import { type Member, makeReplica, type Replica, replicaOf } from "../replica/replica.ts";
import { makeWatchers, type Watchers } from "../replica/watchers.ts";
import { declare } from "../session/changes/longest.ts";
import type { Keys } from "../strategy/keys/keys.ts";
import type { Background } from "../strategy/strategy.ts";
import type {
  Authenticated,
  ChangesPage,
  CheckContext,
  Logger,
  SessionId,
  Settings,
  Store,
} from "../types.ts";
import { withCatchUp } from "./catch-up.ts";
import { type Counters, makeCounters } from "./stats/counters.ts";
import { makeHousekeeping } from "./upkeep.ts";

/** How one `latchkey()` keeps up with what is revoked. */
export interface Following {
  /** The store. Its start begins the following; what this process changes it knows itself before that is answered. */
  readonly store: Store;
  /** The machine's clock, or the store's where they are too far apart (P8). */
  readonly clock: Clock;
  readonly live: Live;
  readonly cache: CredentialCache<Authenticated>;
  /** What is remembered of exactly what stands there, if what is known may decide and nothing of it speaks against it. */
  readonly find: Find<Authenticated>;
  readonly replica: Replica;
  readonly receipts: Receipts;
  readonly watchers: Watchers;
  readonly counters: Counters;
  /** Follows the log also where no client needs it. */
  follow(): void;
  /** Reads what is new where nothing else does; undefined: nothing has to be read before the check. */
  keepUp(context: CheckContext | undefined): MaybePromise<unknown>;
  /** Stops trusting what is known, then gives the lease back. */
  stop(): Promise<void>;
  /** Who reads the keys: told of every change, and when all that was known of them is in doubt. */
  onKeys(keys: Pick<Keys, "hear" | "reload">): void;
}

/** What it works with. */
export interface FollowingParts {
  /** As the application gave it: what is shared is shared by it. */
  readonly raw: Store;
  /** The same, guarded. */
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly background: Background;
}

export function makeFollowing(parts: FollowingParts): Following {
  const { raw, store, settings, logger, background } = parts;
  const { maxStaleness, onStale, cacheSize, node } = settings.revocation;
  const isIdle = !settings.revocation.background;
  const { monotonic } = systemClocks;
  const { clock, lately, compare } = makeStoreClock(parts.clock, monotonic);
  const replica = replicaOf(raw, () => makeReplica(feedOf(store, raw), { ...systemClocks, wall: clock }));
  const cache = makeCredentialCache<Authenticated>(replica.knowledge, cacheSize);
  let longestLife = settings.access.expiresIn * 1000;
  /** From when on this process has heard of everything as it came, by the store's clock: not so what is read at first. */
  let since = Number.POSITIVE_INFINITY;
  let keys: Pick<Keys, "hear" | "reload"> | undefined;
  const watchers = makeWatchers();
  const counters = makeCounters();
  const nameOf = makeNaming(node);
  const housekeeping = makeHousekeeping(parts);
  const receipts = makeReceipts({ store, monotonic, wait });

  function onPage(page: ChangesPage, late: number): void {
    if (page.atHead && since === Number.POSITIVE_INFINITY) since = page.now;
    longestLife = Math.max(settings.access.expiresIn * 1000, page.longestLife);
    compare(page.now, late);
    housekeeping(page, clock());
  }

  const member: Member = {
    maxStaleness: maxStaleness * 1000,
    accepts: onStale === "accept",
    get node() {
      return nameOf();
    },
    logger,
    onPage,
    onChange(logged) {
      watchers.tell(logged);
      if (logged.at >= since) counters.latency(Math.max(clock() - logged.at, 0));
      const { change } = logged;
      const isOfKeys = change.kind === "key_added" || change.kind === "key_retired";
      if (isOfKeys && keys !== undefined) background(keys.hear(change), "reading the keys");
    },
    onReset() {
      cache.clear();
      counters.reset();
      background(receipts.begin(), "reading the leases");
      watchers.doubtAll();
      if (keys !== undefined) background(keys.reload(), "reading the keys");
    },
  };
  let state: "new" | "following" | "stopped" = "new";

  function follow(): void {
    if (state !== "new") return;
    state = "following";
    replica.join(member, isIdle ? "idle" : undefined);
    if (!isIdle) background(receipts.begin(), "reading the leases");
  }

  async function start(): Promise<void> {
    await store.start();
    await declare(store, settings);
    if (follows(settings)) follow();
  }

  // What is current was proven less than the bound ago, by an answer that told the store's time.
  const findTime = onStale === "accept" ? clock : lately;
  const isOurs = replica.currency.wall === clock;
  const live = makeLive(replica.knowledge, replica.currency, {
    ...{ maxStaleness: maxStaleness * 1000, onStale, noteStale: counters.stale },
    longestLife: () => longestLife,
    lookup: makeLookup(store, monotonic),
  });

  return {
    store: { ...withCatchUp(store, replica), start },
    clock,
    cache,
    replica,
    receipts,
    watchers,
    counters,
    follow,
    keepUp: (context) =>
      isIdle && state === "following" ? keepUp(replica, maxStaleness * 1000, context) : undefined,
    live,
    find(header, from, to, carrier) {
      const now = findTime();
      if (!live.isCurrent(isOurs ? now : undefined)) return undefined;
      const known = cache.find(header, from, to, carrier, now);
      if (known !== undefined) counters.hit(known);
      return known;
    },
    onKeys(reader) {
      keys = reader;
    },
    async stop() {
      const left = state === "following";
      state = "stopped";
      cache.clear();
      if (left) await replica.leave(member);
    },
  };
}

const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A name is random unless one is given, and no random numbers are taken before it is needed (P36). */
function makeNaming(given: string | null): () => string {
  let name = given;
  return () => {
    name ??= `${globalThis.process?.pid ?? "node"}-${randomToken(3)}`;
    return name;
  };
}

/** Whoever checks JWTs follows the log, whatever their strategy: for the keys (P24). */
function follows({ clients }: Settings): boolean {
  return [...clients.values()].some(({ accept }) => accept.some((name) => name !== "session"));
}

function feedOf(store: Store, raw: Store): Feed {
  return {
    listen: (listener) => raw.listen?.(listener) ?? (() => undefined),
    read: store.readChanges,
    dropLease: store.dropLease,
    restore: {
      changes: store.restoreChanges,
      globalEpoch: () => store.readSession("" as SessionId),
    },
  };
}
