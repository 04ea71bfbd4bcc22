import { LatchkeyError } from "../errors.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { randomToken } from "../lib/crypto/random.ts";
import { makeStoreClock } from "../lib/timing/store-clock.ts";
import { type CredentialCache, makeCredentialCache } from "../replica/cache.ts";
import { systemClocks } from "../replica/currency.ts";
import { type Live, makeLive } from "../replica/live.ts";
import { type Member, makeReplica, type Replica } from "../replica/replica.ts";
import type { VerifiedToken } from "./accept.ts";
import { httpFeed } from "./feed.ts";
import { makePublicKeys, type PublicKeys } from "./keys.ts";
import type { VerifierOptions, VerifierSettings } from "./options.ts";
import { makeServer, type Server } from "./server.ts";

/** What a verifier is made of. */
export interface Parts {
  readonly settings: VerifierSettings;
  readonly clock: Clock;
  /** The same for what is found in the cache: what is current was told the store's time lately. */
  readonly findTime: Clock;
  readonly server: Server;
  readonly keys: PublicKeys;
  readonly replica: Replica;
  readonly member: Member;
  readonly live: Live;
  readonly cache: CredentialCache<VerifiedToken>;
}

/** Puts the parts together; nothing is asked yet. */
export function makeParts(
  settings: VerifierSettings,
  { logger, fetch: send = fetch }: VerifierOptions,
): Parts {
  const { monotonic } = systemClocks;
  const server = makeServer(settings, (...args) => send(...args), monotonic);
  const keys = makePublicKeys(server, monotonic);
  let longestLife = 0;
  // P8: tokens are dated by the store's clock.
  const { clock, lately, compare } = makeStoreClock(systemClock, monotonic);
  const replica = makeReplica(httpFeed(server), { ...systemClocks, wall: clock });
  const { maxStaleness, onStale, cacheSize, node } = settings;
  const cache = makeCredentialCache<VerifiedToken>(replica.knowledge, cacheSize);
  const inTime = (reading: Promise<unknown>): void =>
    void reading.catch((error: unknown) => logger?.warn({ err: error }, "the keys could not be read"));
  let name = node;
  const member: Member = {
    maxStaleness,
    accepts: onStale === "accept",
    get node() {
      name ??= `${globalThis.process?.pid ?? "verifier"}-${randomToken(3)}`;
      return name;
    },
    logger,
    onPage(page, late) {
      longestLife = page.longestLife;
      compare(page.now, late);
    },
    onChange({ change }) {
      // What is retired the replica knows by itself.
      if (change.kind === "key_added") inTime(keys.hear(change.keyId));
    },
    onReset() {
      cache.clear();
      inTime(keys.read());
    },
  };
  const live = makeLive(replica.knowledge, replica.currency, {
    ...{ maxStaleness, onStale },
    longestLife: () => longestLife,
    lookup: () => Promise.reject(new LatchkeyError("cannot_tell", "a verifier has no store to ask")),
  });
  const findTime = onStale === "accept" ? clock : lately;
  return { settings, clock, findTime, server, keys, replica, member, live, cache };
}
