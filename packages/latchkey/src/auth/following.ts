import type { Clock } from "../lib/clock.ts";
import { randomToken } from "../lib/crypto/random.ts";
import type { Find } from "../read/remembered.ts";
import { type CredentialCache, type Issued, makeCredentialCache } from "../replica/cache.ts";
import { systemClocks } from "../replica/currency.ts";
import type { Feed } from "../replica/follow/feed.ts";
import { leaseTime } from "../replica/follow/reader.ts";
import { type Live, makeLive } from "../replica/live.ts";
import { makeLookup } from "../replica/lookup.ts";
import { makeReceipts, type Receipts } from "../replica/receipt.ts";
import { type Member, makeReplica, type Replica, replicaOf } from "../replica/replica.ts";
import { makeWatchers, type Watchers } from "../replica/watchers.ts";
import type { Keys } from "../strategy/keys/keys.ts";
import type { Background } from "../strategy/strategy.ts";
import type { Authenticated, ChangesPage, Logger, SessionId, Settings, Store } from "../types.ts";
import { withCatchUp } from "./catch-up.ts";
import { type Counters, makeCounters } from "./stats/counters.ts";

/** How one `latchkey()` keeps up with what is revoked. */
export interface Following {
  /** The store. Its start begins the following; what this process changes it knows itself before that is answered. */
  readonly store: Store;
  /** The machine's clock, or the store's where they are too far apart (P8). */
  readonly clock: Clock;
  readonly live: Live;
  readonly cache: CredentialCache<Authenticated>;
  /** What is remembered of exactly this string, if what is known may decide and nothing of it speaks against it. */
  readonly find: Find<Authenticated>;
  readonly replica: Replica;
  readonly receipts: Receipts;
  /** What stands behind the results that were given out, for whoever watches them. */
  readonly results: WeakMap<Authenticated, ResultParts>;
  readonly watchers: Watchers;
  readonly counters: Counters;
  /** Follows the log also where no client needs it. */
  follow(): void;
  /** Stops trusting what is known, then gives the lease back. */
  stop(): Promise<void>;
  /** Who reads the keys: told of every change, and when all that was known of them is in doubt. */
  onKeys(keys: Pick<Keys, "hear" | "reload">): void;
}

/** What a result was made from. */
export interface ResultParts {
  readonly issued: Issued;
  readonly withRoles: (roles: readonly string[]) => Authenticated;
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

/** Clocks may be apart by so much before the store's counts, in milliseconds. */
const tolerated = 5000;
/** How often the log is trimmed and the lives of tokens are declared anew, in milliseconds. */
const trimEvery = 60_000;
const declareEvery = 3_600_000;
/** Entries of the log that are removed at once. */
const batch = 1000;

export function makeFollowing(parts: FollowingParts): Following {
  const { raw, store, settings, logger, background } = parts;
  const { maxStaleness, onStale, cacheSize, node } = settings.revocation;
  const { clock, compare } = makeStoreClock(parts.clock);
  const clocks = { monotonic: systemClocks.monotonic, wall: clock };
  const replica = replicaOf(raw, () => makeReplica(feedOf(store), clocks));
  const { knowledge, currency } = replica;
  const cache = makeCredentialCache<Authenticated>(knowledge, cacheSize);
  const own = settings.access.expiresIn * 1000;
  let longestLife = own;
  /** From when on this process has heard of everything as it came, by the store's clock. */
  let since = Number.POSITIVE_INFINITY;
  let keys: Pick<Keys, "hear" | "reload"> | undefined;
  const watchers = makeWatchers();
  const counters = makeCounters();
  const housekeeping = makeHousekeeping(parts);
  const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
  const receipts = makeReceipts({ store, monotonic: clocks.monotonic, wait });

  function onPage(page: ChangesPage): void {
    if (page.atHead && since === Number.POSITIVE_INFINITY) since = page.now;
    longestLife = Math.max(own, page.longestLife);
    compare(page.now);
    housekeeping(page, clock());
  }

  const member: Member = {
    maxStaleness: maxStaleness * 1000,
    accepts: onStale === "accept",
    get node() {
      name ??= node ?? `${globalThis.process?.pid ?? "node"}-${randomToken(3)}`;
      return name;
    },
    logger,
    onPage,
    onChange(logged) {
      watchers.tell(logged);
      // What is read at the start was made before anybody here could hear of it.
      if (logged.at >= since) counters.latency(Math.max(clock() - logged.at, 0));
      const { change } = logged;
      const isOfKeys = change.kind === "key_added" || change.kind === "key_retired";
      if (isOfKeys && keys !== undefined) background(keys.hear(change), "reading the keys");
    },
    onReset() {
      cache.clear();
      counters.reset();
      receipts.doubt();
      watchers.tellAll();
      if (keys !== undefined) background(keys.reload(), "reading the keys");
    },
  };
  let name: string | undefined;
  let state: "new" | "following" | "stopped" = "new";

  function follow(): void {
    if (state !== "new") return;
    state = "following";
    replica.join(member);
  }

  async function start(): Promise<void> {
    await store.start();
    await declare(store, settings);
    if (follows(settings)) follow();
  }

  const live = makeLive(knowledge, currency, {
    ...{ maxStaleness: maxStaleness * 1000, onStale },
    longestLife: () => longestLife,
    noteStale: counters.stale,
    lookup: makeLookup(store, clocks.monotonic),
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
    results: new WeakMap(),
    live,
    find(token, carrier) {
      const now = clock();
      const known = live.isCurrent(now) ? cache.find(token, carrier, now) : undefined;
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

/** The machine's clock, corrected once the store's was seen to be too far from it (P8). */
function makeStoreClock(own: Clock): { readonly clock: Clock; readonly compare: (store: number) => void } {
  let offset = 0;
  return {
    clock: () => own() + offset,
    compare(store) {
      const apart = store - own();
      offset = Math.abs(apart) > tolerated ? apart : 0;
    },
  };
}

/** Whoever checks JWTs follows the log, whatever their strategy: for the keys (P24). */
function follows({ clients }: Settings): boolean {
  return [...clients.values()].some(({ accept }) => accept.some((name) => name !== "session"));
}

function feedOf(store: Store): Feed {
  return {
    read: store.readChanges,
    dropLease: store.dropLease,
    restore: {
      changes: store.restoreChanges,
      globalEpoch: async () => (await store.readSession("" as SessionId)).globalEpoch,
    },
  };
}

/** Says what must be known of this process before its tokens are (P8). */
function declare(store: Store, settings: Settings): Promise<void> {
  const lease = leaseTime(settings.revocation.maxStaleness * 1000);
  return store.declareLongest({ life: settings.access.expiresIn * 1000, lease });
}

/** What is done now and then: removing what is too old to matter, and saying again what others must reckon with. */
function makeHousekeeping({
  store,
  settings,
  background,
}: FollowingParts): (page: ChangesPage, now: number) => void {
  let [trimmed, declared] = [0, 0];
  return ({ longestLife }, now) => {
    if (now - trimmed >= trimEvery) {
      trimmed = now;
      background(trim(store, longestLife + 2 * trimEvery), "trimming the change log");
    }
    if (now - declared < declareEvery) return;
    if (declared > 0) background(declare(store, settings), "declaring the life of tokens");
    declared = now;
  };
}

async function trim(store: Store, age: number): Promise<void> {
  while ((await store.trimChanges(age, batch)) >= batch) await new Promise((next) => setTimeout(next, 0));
}
