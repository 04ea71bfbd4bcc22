import { type Refusal, refuse } from "./errors.ts";
import { makeHandler } from "./http/app.ts";
import { systemClock } from "./lib/clock.ts";
import { deepFreeze } from "./lib/json.ts";
import { chain, type MaybePromise } from "./lib/maybe-promise.ts";
import { guardStore } from "./lib/store/guard.ts";
import { readOptions } from "./options.ts";
import { makeGuard } from "./protection/guard.ts";
import { openGuard } from "./protection/off.ts";
import { withClientAddress } from "./read/client-address.ts";
import { type Credential, readCredentials } from "./read/credential.ts";
import { changesState, isSameOrigin } from "./read/origin.ts";
import type { ApiContext, Judged, Presented } from "./session/context.ts";
import { currentApi } from "./session/current.ts";
import { dataApi } from "./session/data.ts";
import { devicesApi } from "./session/devices.ts";
import { type EventBus, makeEventBus } from "./session/events/bus.ts";
import { exchangeApi } from "./session/exchange/api.ts";
import { keysApi } from "./session/keys.ts";
import { oauthServer } from "./session/oauth/server.ts";
import { refreshApi } from "./session/sign-in/refresh.ts";
import { makeSweep } from "./session/sign-in/sweep.ts";
import { signInApi } from "./session/sign-in.ts";
import { viewClaims } from "./strategy/jwt/claims.ts";
import { jwtStrategy } from "./strategy/jwt.ts";
import { jwtAllowlistStrategy } from "./strategy/jwt-allowlist.ts";
import { jwtDenylistStrategy } from "./strategy/jwt-denylist.ts";
import { sessionStrategy } from "./strategy/session.ts";
import type { Strategy, StrategyContext, Verified } from "./strategy/strategy.ts";
import { makeTouch } from "./strategy/touch.ts";
import { checkToken, type TokenCheck } from "./token/check.ts";
import { type Keyring, loadKeyring } from "./token/keyring.ts";
import type {
  Auth,
  AuthApi,
  AuthResult,
  Client,
  LatchkeyOptions,
  Logger,
  RequestLike,
  Settings,
  StrategyName,
} from "./types.ts";
import { accountApi } from "./user/account.ts";
import { externalAccounts } from "./user/accounts/external.ts";
import { ownAccounts } from "./user/accounts/own.ts";
import { administrationApi } from "./user/administration.ts";
import { changePasswordApi } from "./user/change-password.ts";
import { argon2Hasher } from "./user/password/argon2.ts";
import { grants } from "./user/roles.ts";

/**
 * Makes an authenticator. Does no I/O, takes no random numbers and starts no timers: that happens at the first
 * call, or when `start()` is called.
 *
 * @throws LatchkeyError `misuse` if an option is wrong; the message names it and the remedy.
 */
export function latchkey(options: LatchkeyOptions): Auth {
  const settings = readOptions(options, globalThis.process?.env?.NODE_ENV === "production");
  const core = makeCore(options, settings);
  const authenticate = (request: RequestLike): MaybePromise<AuthResult> => {
    const keyring = core.keys.loaded();
    return keyring === undefined
      ? core.keys.load().then((loaded) => authenticateWith(core, loaded, request))
      : authenticateWith(core, keyring, request);
  };
  const context = makeApiContext(core, authenticate);
  const api = atTheDoor(makeApi(context), core);
  const auth: Omit<Auth, "handler"> = {
    on: context.events.on,
    api,
    authenticate,
    checkOrigin: (request) => checkOrigin(settings, request),
    start: async () => void (await core.keys.load()),
    close: core.close,
  };
  const jwks = async (): Promise<object> => (await core.keys.load()).jwks;
  const ready = async (): Promise<unknown> => core.keys.load().then(() => core.store.hasRole("admin"));
  const oauth = atTheDoor(oauthServer(context, api), core);
  const permits = (roles: readonly string[], permission: string): boolean =>
    grants(settings.roles, roles, permission);
  return {
    ...auth,
    handler: makeHandler({ auth, jwks, ready, oauth, permits, logger: options.logger }, settings),
  };
}

/** How often the keys are read again, in milliseconds: often against the time a new one is published before it signs. */
const keysReadEvery = 60_000;

/* -------------------------------------------------- the pipeline, top to bottom -- */

/** Request → read → token → strategy → result. */
function authenticateWith(core: Core, keyring: Keyring, request: RequestLike): MaybePromise<AuthResult> {
  const found = readCredentials(request, core.settings.clients.values()); // 1 read
  if (found.kind === "none") return refuse("credential_missing");
  if (found.kind === "refused") return refuse("credential_invalid");
  if (found.kind === "cookie") {
    const refusal = checkOrigin(core.settings, request);
    if (refusal !== undefined) return refusal;
  }
  return firstAccepted(core, keyring, found.credentials);
}

/** Of several cookies the first that holds counts; if none does, the first one's refusal is the answer. */
function firstAccepted(
  core: Core,
  keyring: Keyring,
  [first, ...rest]: readonly [Credential, ...Credential[]],
): MaybePromise<AuthResult> {
  const [second, ...others] = rest;
  return chain(checkCredential(core, keyring, first), (result) => {
    if (result.ok || second === undefined) return result;
    return chain(firstAccepted(core, keyring, [second, ...others]), (later) => (later.ok ? later : result));
  });
}

function checkCredential(core: Core, keyring: Keyring, credential: Credential): MaybePromise<AuthResult> {
  return chain(check(core, keyring, credential), (checked) => decide(core, checked, credential.clients)); // 3 strategy
}

function check(
  core: Core,
  keyring: Keyring,
  { value, clients }: Credential,
): MaybePromise<TokenCheck | undefined> {
  const { issuer, audience } = core.settings;
  const names = clients.map(({ name }) => name);
  return checkToken({ keyring, issuer, audience, now: core.clock() }, names, value); // 2 token
}

function decide(
  core: Core,
  checked: TokenCheck | undefined,
  clients: readonly Client[],
): MaybePromise<AuthResult> {
  const found = checked && findStrategy(core, checked, clients);
  if (checked === undefined || found === undefined) return refuse("credential_invalid");
  if (checked.token.kind === "access" && checked.token.expired) return refuse("access_expired");
  const verdict = found.strategy.verify(checked.token, found.client);
  return chain(verdict, (verified) => (verified.ok ? accept(core.settings, verified, found) : verified));
}

/** The client's strategy that carries such a credential: its own, or one it is leaving. */
function findStrategy(
  core: Core,
  { token, client: name }: TokenCheck,
  clients: readonly Client[],
): Found | undefined {
  const client = clients.find((one) => one.name === name);
  const accepted = client?.accept.find((one) => core.strategies[one].carries === token.kind);
  return client && accepted && { client, strategy: core.strategies[accepted] };
}

interface Found {
  readonly client: Client;
  readonly strategy: Strategy;
}

/** 4 What the application is shown. Frozen: one caller cannot change what the next one sees. */
function accept(
  { roles: permissions }: Settings,
  { user, session, load }: Verified,
  { client, strategy }: Found,
): AuthResult {
  const can = (permission: string): boolean => grants(permissions, user.roles, permission);
  return deepFreeze({ ok: true, user, session, client: client.name, strategy: strategy.name, can, load });
}

function checkOrigin(settings: Settings, request: RequestLike): Refusal | undefined {
  return changesState(request) && !isSameOrigin(request, settings) ? refuse("csrf_refused") : undefined;
}

/** Every credential a request carries: sign-out ends them all, also those that merely expired. */
async function presented(core: Core, request: RequestLike): Promise<readonly Presented[] | Refusal> {
  const keyring = await core.keys.load();
  const found = readCredentials(request, core.settings.clients.values());
  if (found.kind === "none") return [];
  if (found.kind === "refused") return refuse("credential_invalid");
  if (found.kind === "cookie") {
    const refusal = checkOrigin(core.settings, request);
    if (refusal !== undefined) return refusal;
  }
  const judge = async (credential: Credential): Promise<Presented> => {
    const cookieOf = found.kind === "cookie" ? credential.clients[0] : undefined;
    const checked = await check(core, keyring, credential);
    const carried = checked && findStrategy(core, checked, credential.clients);
    if (checked === undefined || carried === undefined) return { cookieOf, held: undefined };
    if (checked.token.kind === "access") {
      return { cookieOf, held: { ...carried, session: viewClaims(checked.token.claims) } };
    }
    const result = await decide(core, checked, credential.clients);
    return { cookieOf, held: result.ok ? { ...carried, session: result.session } : undefined };
  };
  return Promise.all(found.credentials.map(judge));
}

/** A credential that came in no request of its own, such as the subject of an exchange. */
async function judge(core: Core, credential: Credential): Promise<Judged | undefined> {
  const checked = await check(core, await core.keys.load(), credential);
  if (checked === undefined) return undefined;
  return { token: checked.token, result: await decide(core, checked, credential.clients) };
}

/* ------------------------------------------------------------------ the parts -- */

interface Core extends StrategyContext {
  readonly events: EventBus;
  readonly strategies: { readonly [Name in StrategyName]: Strategy };
  readonly keys: {
    readonly loaded: () => Keyring | undefined;
    readonly load: () => Promise<Keyring>;
    readonly reload: () => Promise<Keyring>;
  };
  readonly close: () => Promise<void>;
}

function makeCore({ logger, clock = systemClock, ...options }: LatchkeyOptions, settings: Settings): Core {
  const store = guardStore(options.store);
  const { background, settled } = makeBackground(logger);
  const touch = makeTouch(store, background);
  const events = makeEventBus({ store, clock, background }, logger);
  const hasher = options.passwords?.hasher ?? argon2Hasher();
  const parts = { store, settings, clock, events, hasher };
  const accounts = options.users === undefined ? ownAccounts(parts) : externalAccounts(parts, options.users);
  const context: StrategyContext = { store, settings, clock, background, accounts, touch };
  return {
    ...context,
    events,
    strategies: {
      session: sessionStrategy(context),
      jwt: jwtStrategy(context),
      "jwt-denylist": jwtDenylistStrategy(context),
      "jwt-allowlist": jwtAllowlistStrategy(context),
    },
    keys: makeKeys(context),
    async close() {
      await settled();
      await store.close();
    },
  };
}

/**
 * Starts the store and opens the keys once, however many ask; a failed attempt is made again by the next. Keys that
 * another process added are found by reading them again now and then, off the path of the check.
 */
function makeKeys({ store, settings, clock, background }: StrategyContext): Core["keys"] {
  let loaded: Keyring | undefined;
  let loading: Promise<Keyring> | undefined;
  let readAt = 0;
  const read = async (): Promise<Keyring> => {
    readAt = clock();
    const fresh = await loadKeyring(store, settings.secrets, settings.algorithm);
    // Of two readings under way the later answer may be the older set: a key that was retired must not come back.
    if (loaded === undefined || fresh.version >= loaded.version) loaded = fresh;
    return loaded;
  };
  const load = async (): Promise<Keyring> => {
    if (loaded !== undefined) return loaded;
    loading ??= store
      .start()
      .then(read)
      .catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
    return loading;
  };
  return {
    load,
    reload: read,
    loaded() {
      if (loaded !== undefined && clock() - readAt >= keysReadEvery)
        background(read(), "reading the keys again");
      return loaded;
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

function makeApiContext(
  core: Core,
  authenticate: (request: RequestLike) => MaybePromise<AuthResult>,
): ApiContext {
  return {
    ...core,
    guard: core.settings.rateLimit === null ? openGuard : makeGuard(core.settings.rateLimit, core.background),
    keyring: core.keys.load,
    reloadKeys: core.keys.reload,
    authenticate,
    sweep: makeSweep(core),
    presented: (request) => presented(core, request),
    judge: (value, clients) => judge(core, { value, clients }),
  };
}

function makeApi(context: ApiContext): AuthApi {
  return {
    ...signInApi(context),
    ...currentApi(context),
    ...dataApi(context),
    ...exchangeApi(context),
    ...devicesApi(context),
    ...accountApi(context),
    ...changePasswordApi(context),
    ...administrationApi(context),
    ...refreshApi(context),
    ...keysApi(context),
  };
}

/**
 * Each verb first sees to it that the store is connected (an application need not call `start()`), and takes whoever
 * stands behind a trusted proxy for the caller.
 */
function atTheDoor<Api extends Record<keyof Api, (...args: never[]) => Promise<unknown>>>(
  api: Api,
  { keys, settings }: Core,
): Api {
  const guarded = { ...api };
  for (const name of Object.keys(api) as (keyof Api)[]) {
    const verb = api[name];
    guarded[name] = (async (...args: never[]) => {
      await keys.load();
      return verb(...(args.map((arg) => withClientAddress(arg, settings.trustedProxies)) as never[]));
    }) as Api[typeof name];
  }
  return guarded;
}
