import { systemClock } from "../lib/clock.ts";
import { guardStore } from "../lib/store/guard.ts";
import { makeReadCredentials, type ReadRequest } from "../read/credential.ts";
import { type EventBus, makeEventBus } from "../session/events/bus.ts";
import { jwtStrategy } from "../strategy/jwt.ts";
import { jwtAllowlistStrategy } from "../strategy/jwt-allowlist.ts";
import { jwtDenylistStrategy } from "../strategy/jwt-denylist.ts";
import { jwtLiveStrategy } from "../strategy/jwt-live.ts";
import { type Keys, makeKeys } from "../strategy/keys/keys.ts";
import { sessionStrategy } from "../strategy/session.ts";
import { sessionLiveStrategy } from "../strategy/session-live.ts";
import type { Strategy, StrategyContext } from "../strategy/strategy.ts";
import { makeTouch } from "../strategy/touch.ts";
import type { LatchkeyOptions, Logger, PasswordHasher, Settings, StrategyName } from "../types.ts";
import { externalAccounts } from "../user/accounts/external.ts";
import { ownAccounts } from "../user/accounts/own.ts";
import { argon2Hasher } from "../user/password/argon2.ts";
import { type Following, makeFollowing } from "./following.ts";

/** What one `latchkey()` is made of. */
export interface Core extends StrategyContext {
  readonly strategies: { readonly [Name in StrategyName]: Strategy };
  readonly keys: Keys;
  readonly readCredentials: ReadRequest;
  readonly following: Following;
  readonly events: EventBus;
  readonly hasher: PasswordHasher;
  readonly logger: Logger | undefined;
  readonly close: () => Promise<void>;
}

/** Puts the parts together. No I/O, no timer, nothing random (P36). */
export function makeCore(
  { logger, clock: ownClock = systemClock, ...options }: LatchkeyOptions,
  settings: Settings,
): Core {
  const { background, settled } = makeBackground(logger);
  const following = makeFollowing({
    raw: options.store,
    store: guardStore(options.store),
    settings,
    clock: ownClock,
    logger,
    background,
  });
  const { store, clock, live } = following;
  const touch = makeTouch(store, background);
  const keys = makeKeys({ store, settings, clock, background });
  following.onKeys(keys);
  const events = makeEventBus({ store, clock, background }, logger);
  const hasher = options.passwords?.hasher ?? argon2Hasher();
  const parts = { store, settings, clock, events, hasher };
  const accounts = options.users === undefined ? ownAccounts(parts) : externalAccounts(parts, options.users);
  const context: StrategyContext = {
    store,
    settings,
    clock,
    background,
    accounts,
    keyringSince: keys.since,
    touch,
    live,
  };
  return {
    ...context,
    strategies: {
      session: sessionStrategy(context),
      "session-live": sessionLiveStrategy(context),
      jwt: jwtStrategy(context),
      "jwt-denylist": jwtDenylistStrategy(context),
      "jwt-allowlist": jwtAllowlistStrategy(context),
      "jwt-live": jwtLiveStrategy(context),
    },
    keys,
    readCredentials: makeReadCredentials(settings.clients.values()),
    following,
    events,
    hasher,
    logger,
    async close() {
      await following.stop();
      await settled();
      await store.close();
    },
  };
}

function makeBackground(logger: Logger | undefined): {
  readonly background: StrategyContext["background"];
  readonly settled: () => Promise<unknown>;
} {
  const running = new Set<Promise<unknown>>();
  return {
    background(work, what) {
      const tracked = work
        .catch((error: unknown) => logger?.warn({ err: error }, `${what} failed`))
        .finally(() => running.delete(tracked));
      running.add(tracked);
    },
    settled: () => Promise.all(running),
  };
}
