import { atTheDoor, makeApi, makeApiContext } from "./auth/api.ts";
import { type Core, makeCore } from "./auth/core.ts";
import { makePresented } from "./auth/presented/presented.ts";
import type { Found } from "./auth/presented/stages.ts";
import { makeRenew } from "./auth/renew.ts";
import { type ResultParts, Shown } from "./auth/result/shown.ts";
import { countingFaults, readStats } from "./auth/stats/read.ts";
import { makeWatch } from "./auth/watch.ts";
import { type Refusal, refuse } from "./errors.ts";
import { makeHandler } from "./http/app.ts";
import { makeEventStreams } from "./http/events/streams.ts";
import { grants, permissionsOf } from "./lib/access/roles.ts";
import { chain, type MaybePromise } from "./lib/maybe-promise.ts";
import { readOptions } from "./options.ts";
import type { CarriedCredential, Credential } from "./read/credential.ts";
import { refuseForeign } from "./read/origin.ts";
import { makeRecall } from "./read/remembered.ts";
import type { Judged } from "./session/context.ts";
import { oauthServer } from "./session/oauth/server.ts";
import type { Stands, Verified } from "./strategy/strategy.ts";
import { checkToken, findUnknownKey, isOutlived, type TokenCheck } from "./token/check.ts";
import type { Keyring } from "./token/keyring.ts";
import type {
  Auth,
  Authenticated,
  AuthResult,
  Client,
  LatchkeyOptions,
  RequestLike,
  StrategyName,
} from "./types.ts";

/**
 * Makes an authenticator. Does no I/O, takes no random numbers and starts no timers: that happens at the first
 * call, or when `start()` is called.
 *
 * @throws LatchkeyError `misuse` if an option is wrong; the message names it and the remedy.
 */
export function latchkey(options: LatchkeyOptions): Auth {
  const settings = readOptions(options, globalThis.process?.env?.NODE_ENV === "production");
  const core = makeCore(options, settings);
  const recall = makeRecall(settings.clients.values(), core.following.find);
  // No closure here: it would be made at each check, also of what is remembered.
  const checkNow = (request: RequestLike): MaybePromise<AuthResult> =>
    recall(request) ?? checkAnew(core, request);
  const authenticate: Auth["authenticate"] = settings.revocation.background
    ? checkNow
    : (request, context) => chain(core.following.keepUp(context), () => checkNow(request));
  const context = makeApiContext(core, {
    authenticate,
    presented: makePresented(core, { check, decide, findStrategy, stands }),
    judge: (value, clients) => judge(core, { value, clients }),
  });
  const api = atTheDoor(makeApi(context), core);
  const streams = settings.events && makeEventStreams(settings.events);
  const auth: Omit<Auth, "handler"> = {
    on: context.events.on,
    api,
    basePath: settings.basePath,
    roles: settings.namedRoles,
    renew: makeRenew({ core, authenticate, refresh: api.refresh }),
    authenticate,
    watch: makeWatch(core),
    stats: () => readStats(core),
    now: core.clock,
    checkOrigin: (request) => refuseForeign(request, settings),
    start: async () => void (await core.keys.load()),
    drain: () => streams?.close(),
    close: () => {
      streams?.close();
      return core.close();
    },
  };
  const jwks = async (): Promise<object> => (await core.keys.shown()).jwks;
  const ready = async (): Promise<unknown> => core.keys.load().then(() => core.store.hasRole("admin"));
  const oauth = atTheDoor(oauthServer(context, api), core);
  const permits = (roles: readonly string[], permission: string): boolean =>
    grants(settings.roles, roles, permission);
  const permitted = (roles: readonly string[]): readonly string[] => permissionsOf(settings.roles, roles);
  const http = { auth, jwks, ready, oauth, permits, permitted, streams, logger: options.logger };
  return { ...auth, handler: makeHandler(http, settings) };
}

/* -------------------------------------------------- the pipeline, top to bottom -- */

/** What is not remembered. */
function checkAnew(core: Core, request: RequestLike): MaybePromise<AuthResult> {
  return countingFaults(core, () => {
    const keyring = core.keys.loaded();
    return keyring === undefined
      ? core.keys.load().then((loaded) => authenticateWith(core, loaded, request))
      : authenticateWith(core, keyring, request);
  });
}

/** Request → read → token → strategy → result. */
function authenticateWith(core: Core, keyring: Keyring, request: RequestLike): MaybePromise<AuthResult> {
  const found = core.readCredentials(request); // 1 read
  if (found.kind === "none") return counted(core, null, refuse("credential_missing"));
  if (found.kind === "refused") return counted(core, null, refuse("credential_invalid"));
  if (found.kind === "cookie") {
    const refusal = refuseForeign(request, core.settings);
    if (refusal !== undefined) return counted(core, null, refusal);
  }
  return firstAccepted(core, keyring, found.credentials);
}

/**
 * Of several cookies the first that holds counts. If none does, the first one's refusal is the answer, unless another has
 * merely expired: its client is to refresh, whatever became of the others.
 */
function firstAccepted(
  core: Core,
  keyring: Keyring,
  credentials: readonly [CarriedCredential, ...CarriedCredential[]],
): MaybePromise<AuthResult> {
  const checked = checkCredential(core, keyring, credentials[0]);
  if (credentials.length === 1) return checked;
  const [, second, ...others] = credentials;
  return chain(checked, (result) => {
    if (result.ok || second === undefined) return result;
    return chain(firstAccepted(core, keyring, [second, ...others]), (later) =>
      later.ok || later.code === "access_expired" ? later : result,
    );
  });
}

/** What was checked before is known; for all else see below. */
function checkCredential(
  core: Core,
  keyring: Keyring,
  credential: CarriedCredential,
): MaybePromise<AuthResult> {
  const { known, carrier, isSearched } = credential;
  return (
    (isSearched ? undefined : core.following.find(known, 0, known.length, carrier)) ??
    chain(check(core, keyring, credential), (checked) =>
      chain(decide(core, checked, credential), (result) =>
        counted(core, strategyOf(core, checked, credential, result), result),
      ),
    ) // 3 strategy
  );
}

function counted(core: Core, strategy: StrategyName | null, result: AuthResult): AuthResult {
  core.following.counters.miss(strategy, result);
  return result;
}

function strategyOf(
  core: Core,
  checked: TokenCheck | undefined,
  { clients }: Credential,
  result: AuthResult,
): StrategyName | null {
  if (result.ok) return result.strategy;
  return (checked && findStrategy(core, checked, clients)?.strategy.name) ?? null;
}

/** 2 token. One by a key that another process has just made is checked again with that key. */
function check(core: Core, keyring: Keyring, credential: Credential): MaybePromise<TokenCheck | undefined> {
  return chain(checkWith(core, keyring, credential), (checked) =>
    checked === undefined ? checkUnknown(core, keyring, credential) : checked,
  );
}

function checkUnknown(
  core: Core,
  keyring: Keyring,
  credential: Credential,
): MaybePromise<TokenCheck | undefined> {
  return chain(findUnknownKey(keyring, credential.value), (header) => {
    const searched = header === undefined ? undefined : core.keys.find(header);
    return chain(searched, (found) => found && checkWith(core, found, credential));
  });
}

function checkWith(
  core: Core,
  keyring: Keyring,
  { value, clients }: Credential,
): MaybePromise<TokenCheck | undefined> {
  const { issuer, audience } = core.settings;
  return checkToken({ keyring, issuer, audience, now: core.clock() }, clients, value);
}

function decide(
  core: Core,
  checked: TokenCheck | undefined,
  credential: Credential | CarriedCredential,
): MaybePromise<AuthResult> {
  if (checked === undefined) return refuseUnknown(core, credential);
  const found = findStrategy(core, checked, credential.clients);
  if (found === undefined) return refuse("credential_invalid");
  if (checked.token.kind === "access" && checked.token.expired) return refuse("access_expired");
  const verdict = found.strategy.verify(checked.token, found.client, stands(core, checked, credential));
  return chain(verdict, (verified) => (verified.ok ? conclude(core, verified, found, credential) : verified));
}

/** Keys go and refresh tokens stay: whoever comes back after their key was replaced is to refresh, not to sign in. */
function refuseUnknown(core: Core, { value }: Credential): MaybePromise<Refusal> {
  const keyring = core.keys.loaded();
  const outlived = keyring !== undefined && isOutlived(keyring, value, core.clock());
  return chain(outlived, (isIt) => refuse(isIt ? "access_expired" : "credential_invalid"));
}

/**
 * The last word (P12): while the store was asked, something may have become known that speaks against the credential.
 * In one turn with remembering it and with the answer, so that nothing comes in between.
 */
function conclude(
  core: Core,
  verified: Verified,
  found: Found,
  credential: Credential | CarriedCredential,
): AuthResult {
  const { remember, issued, user } = verified;
  const { live, cache } = core.following;
  const withRoles = (roles: readonly string[]): Authenticated =>
    accept(core, verified, found, roles, { issued, withRoles });
  if (remember === undefined) return withRoles(user.roles);
  const code = live.against(issued, core.clock());
  if (code !== undefined) return refuse(code);
  const result = withRoles(live.rolesAfter(issued.userId, issued.version) ?? user.roles);
  if ("carrier" in credential)
    cache.remember(credential.known, credential.carrier, { ...remember, issued, result, withRoles });
  return result;
}

/** Once the store shows later keys than those it was checked with, the credential must stand by these too. */
function stands(core: Core, { keysVersion: known }: TokenCheck, credential: Credential): Stands {
  return (keysVersion) =>
    keysVersion <= known ||
    chain(core.keys.since(keysVersion), (keyring) =>
      chain(checkWith(core, keyring, credential), (checked) => checked !== undefined),
    );
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

/** 4 What the application is shown. Frozen, all of it: one caller cannot change what the next one sees. */
function accept(
  { settings, following }: Core,
  { user: { id }, session, load }: Verified,
  { client, strategy }: Found,
  roles: readonly string[],
  parts: ResultParts,
): Authenticated {
  const can = (permission: string): boolean => grants(settings.roles, roles, permission);
  const user = Object.freeze({ id, roles: Object.freeze(roles) });
  Object.freeze(session.amr);
  Object.freeze(session);
  const shown = { user, session, client: client.name, strategy: strategy.name, can, load };
  return new Shown(shown, parts, following);
}

/** A credential that came in no request of its own, such as the subject of an exchange. */
async function judge(core: Core, credential: Credential): Promise<Judged | undefined> {
  const checked = await check(core, await core.keys.load(), credential);
  if (checked === undefined) return undefined;
  return { token: checked.token, result: await decide(core, checked, credential) };
}
