import { type Refusal, refuse } from "./errors.ts";
import { makeHandler } from "./http/app.ts";
import { systemClock } from "./lib/clock.ts";
import { deepFreeze } from "./lib/json.ts";
import { chain, type MaybePromise } from "./lib/maybe-promise.ts";
import { guardStore } from "./lib/store/guard.ts";
import { readOptions } from "./options.ts";
import { type Credential, readCredentials } from "./read/credential.ts";
import { changesState, isSameOrigin } from "./read/origin.ts";
import type { ApiContext, Presented } from "./session/context.ts";
import { currentApi } from "./session/current.ts";
import { dataApi } from "./session/data.ts";
import { devicesApi } from "./session/devices.ts";
import { signInApi } from "./session/sign-in.ts";
import { makeSweep } from "./session/sweep.ts";
import { jwtStrategy } from "./strategy/jwt.ts";
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
  Store,
  StrategyName,
} from "./types.ts";
import { accountApi } from "./user/account.ts";
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
  const context = makeApiContext(core, options, authenticate);
  const auth: Omit<Auth, "handler"> = {
    api: startFirst(makeApi(context), core.keys.load),
    authenticate,
    checkOrigin: (request) => checkOrigin(settings, request),
    start: async () => void (await core.keys.load()),
    close: core.close,
  };
  const jwks = async (): Promise<object> => (await core.keys.load()).jwks;
  const ready = async (): Promise<unknown> => core.keys.load().then(() => core.store.hasRole("admin"));
  return { ...auth, handler: makeHandler({ auth, jwks, ready }, settings, options.logger) };
}

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
  const { issuer, audience } = core.settings;
  const names = credential.clients.map(({ name }) => name);
  const checked = checkToken({ keyring, issuer, audience, now: core.clock() }, names, credential.value); // 2 token
  return chain(checked, (token) => decide(core, token, credential.clients)); // 3 strategy
}

function decide(core: Core, checked: TokenCheck, clients: readonly Client[]): MaybePromise<AuthResult> {
  if (!checked.ok) return refuse(checked.code);
  const client = clients.find(({ name }) => name === checked.client);
  const name = client?.accept.find((one) => core.strategies[one].carries === checked.token.kind);
  if (client === undefined || name === undefined) return refuse("credential_invalid");
  const verdict = core.strategies[name].verify(checked.token, client);
  return chain(verdict, (verified) =>
    verified.ok ? accept(core.settings, verified, client.name, name) : verified,
  );
}

/** 4 What the application is shown. Frozen: one caller cannot change what the next one sees. */
function accept(
  { roles: permissions }: Settings,
  { user, session, load }: Verified,
  client: string,
  strategy: StrategyName,
): AuthResult {
  const can = (permission: string): boolean => grants(permissions, user.roles, permission);
  return deepFreeze({ ok: true, user, session, client, strategy, can, load });
}

function checkOrigin(settings: Settings, request: RequestLike): Refusal | undefined {
  return changesState(request) && !isSameOrigin(request, settings) ? refuse("csrf_refused") : undefined;
}

/** Every credential a request carries with its verdict: sign-out ends them all. */
async function authenticateAll(core: Core, request: RequestLike): Promise<readonly Presented[] | Refusal> {
  const keyring = await core.keys.load();
  const found = readCredentials(request, core.settings.clients.values());
  if (found.kind === "none") return [];
  if (found.kind === "refused") return refuse("credential_invalid");
  if (found.kind === "cookie") {
    const refusal = checkOrigin(core.settings, request);
    if (refusal !== undefined) return refusal;
  }
  const judge = async (credential: Credential): Promise<Presented> => {
    const result = await checkCredential(core, keyring, credential);
    return { client: found.kind === "cookie" ? credential.clients[0] : undefined, result };
  };
  return Promise.all(found.credentials.map(judge));
}

/* ------------------------------------------------------------------ the parts -- */

interface Core extends StrategyContext {
  readonly strategies: { readonly [Name in StrategyName]: Strategy };
  readonly keys: { readonly loaded: () => Keyring | undefined; readonly load: () => Promise<Keyring> };
  readonly close: () => Promise<void>;
}

function makeCore({ logger, clock = systemClock, ...options }: LatchkeyOptions, settings: Settings): Core {
  const store = guardStore(options.store);
  const { background, settled } = makeBackground(logger);
  const touch = makeTouch(store, background);
  const context: StrategyContext = { store, settings, clock, background, touch };
  return {
    ...context,
    strategies: { session: sessionStrategy(context), jwt: jwtStrategy(context) },
    keys: makeKeys(store, settings),
    async close() {
      await settled();
      await store.close();
    },
  };
}

/** Starts the store and opens the keys once, however many ask; a failed attempt is made again by the next. */
function makeKeys(store: Store, settings: Settings): Core["keys"] {
  let loaded: Keyring | undefined;
  let loading: Promise<Keyring> | undefined;
  const start = async (): Promise<Keyring> => {
    await store.start();
    loaded = await loadKeyring(store, settings.secrets, settings.algorithm);
    return loaded;
  };
  const load = (): Promise<Keyring> => {
    loading ??= start().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return { loaded: () => loaded, load };
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
  { passwords }: LatchkeyOptions,
  authenticate: (request: RequestLike) => MaybePromise<AuthResult>,
): ApiContext {
  return {
    ...core,
    hasher: passwords?.hasher ?? argon2Hasher(),
    keyring: core.keys.load,
    authenticate,
    sweep: makeSweep(core),
    authenticateAll: (request) => authenticateAll(core, request),
  };
}

function makeApi(context: ApiContext): AuthApi {
  return {
    ...signInApi(context),
    ...currentApi(context),
    ...dataApi(context),
    ...devicesApi(context),
    ...accountApi(context),
    ...changePasswordApi(context),
  };
}

/** Each verb first sees to it that the store is connected: an application need not call `start()`. */
function startFirst<Api extends Record<keyof Api, (...args: never[]) => Promise<unknown>>>(
  api: Api,
  start: () => Promise<unknown>,
): Api {
  const started = { ...api };
  for (const name of Object.keys(api) as (keyof Api)[]) {
    const verb = api[name];
    started[name] = (async (...args: never[]) => {
      await start();
      return verb(...args);
    }) as Api[typeof name];
  }
  return started;
}
