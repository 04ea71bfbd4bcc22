import { z } from "zod";
import { misuse } from "./errors.ts";
import { eventsShape } from "./options/events.ts";
import { rateLimitShape, readProxies, readRateLimit } from "./options/limits.ts";
import { refuseShortIdle, revocationShape } from "./options/revocation.ts";
import {
  audiencesShape,
  readAudiences,
  readServices,
  serviceRemedies,
  servicesShape,
} from "./options/services.ts";
import type { Client, LatchkeyOptions, Settings } from "./types.ts";

const day = 86_400;
const strategyName = z.enum(["session", "session-live", "jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"]);
const seconds = z.number().int().positive();
/** Something with these methods: what they do is the business of their types. */
function portWith(...methods: readonly string[]): z.ZodType<object> {
  const has = (value: object): boolean =>
    methods.every((name) => typeof Reflect.get(value, name) === "function");
  const expected = `expected an object with ${methods.join(", ")}`;
  return z.custom<object>((value) => typeof value === "object" && value !== null && has(value), expected);
}

const func = z.custom<object>((value) => typeof value === "function", "expected a function");

/** The part of the options that is data; functions and the store are checked by their types alone. */
const shape = z.strictObject({
  secret: z.union([z.string(), z.array(z.string()).min(1)]),
  baseURL: z.url({ protocol: /^https?$/ }).optional(),
  basePath: z
    .string()
    .regex(/^(\/[A-Za-z0-9_-]+)+$/)
    .default("/api/auth"),
  store: portWith("start", "readSession", "openSession"),
  users: portWith("findByEmail", "findById", "checkPassword").optional(),
  clients: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
      z.strictObject({
        transport: z.enum(["cookie", "bearer"]),
        strategy: strategyName,
        accept: z.array(strategyName).optional(),
        refresh: z.boolean().optional(),
      }),
    )
    .default({
      web: { transport: "cookie", strategy: "session-live" },
      mobile: { transport: "bearer", strategy: "jwt-live" },
    }),
  session: z
    .strictObject({
      expiresIn: seconds.default(30 * day),
      idleTimeout: seconds.nullable().default(7 * day),
      expiresInNotRemembered: seconds.default(day),
      maxPerUser: z.number().int().positive().optional(),
      onLimit: z.enum(["evict", "refuse"]).default("evict"),
    })
    .prefault({}),
  refresh: z
    .strictObject({
      expiresIn: seconds.default(30 * day),
      absoluteExpiresIn: seconds.default(90 * day),
      grace: z.number().min(0).max(300).default(10),
    })
    .prefault({}),
  access: z.strictObject({ expiresIn: seconds.max(day).default(900) }).prefault({}),
  revocation: revocationShape,
  roles: z.record(z.string(), z.array(z.string())).default({ admin: ["*"] }),
  keys: z
    .strictObject({ algorithm: z.enum(["EdDSA", "ES256", "RS256", "HS256"]).default("EdDSA") })
    .prefault({}),
  trustedOrigins: z.array(z.string()).default([]),
  audiences: audiencesShape,
  services: servicesShape,
  passwords: z
    .strictObject({
      minLength: z.number().int().min(8).max(1024).default(8),
      hasher: portWith("hash", "verify").optional(),
    })
    .prefault({}),
  signUp: z.strictObject({ enabled: z.boolean().default(true), allow: func.optional() }).prefault({}),
  rateLimit: rateLimitShape,
  trustedProxies: z.array(z.string()).default([]),
  events: eventsShape,
  logger: portWith("info", "warn", "error").optional(),
  clock: func.optional(),
});

type Shape = z.infer<typeof shape>;

/** Remedies for the mistakes made most often, by option. */
const remedies: { readonly [option: string]: string } = {
  ...serviceRemedies,
  secret: "Give a random string, e.g. the output of `openssl rand -base64 32`.",
  baseURL: 'Give the address people use, e.g. "https://app.example".',
  basePath: 'Give a path without a slash at its end, e.g. "/api/auth".',
  store: 'Give a store, e.g. sqliteStore("app.db") from "latchkey/sqlite".',
  users: "Give the methods of UsersPort over your own table, or leave it out to keep users in the store.",
  clients: 'Name clients in lower case, e.g. { web: { transport: "cookie", strategy: "session-live" } }.',
};

/**
 * Checks and completes the options.
 *
 * @throws LatchkeyError `misuse`, naming the option, its fault and the remedy; the value of `secret` is never shown.
 */
export function readOptions(options: LatchkeyOptions, production: boolean): Settings {
  const parsed = shape.safeParse(options);
  if (!parsed.success) return misuse(explain(parsed.error));
  const checked = parsed.data;
  refuseRowlessLimits(checked.clients, options);
  refuseShortIdle(checked.refresh.expiresIn, checked.access.expiresIn);
  const base = readBaseURL(checked.baseURL, production);
  const own = {
    issuer: base.origin + checked.basePath,
    audience: base.origin,
    access: checked.access,
    revocation: { ...checked.revocation, node: checked.revocation.node ?? null },
    clients: readClients(checked.clients, base.protocol === "https:"),
  };
  const audiences = readAudiences(checked.audiences, own);
  return {
    ...own,
    secrets: readSecrets(checked.secret),
    audiences,
    services: readServices(checked.services, { ...own, audiences }),
    basePath: checked.basePath,
    secure: base.protocol === "https:",
    origins: new Set([base.origin, ...checked.trustedOrigins.map(readOrigin)]),
    trustLoopbackHost: checked.baseURL === undefined,
    session: readSession(checked.session),
    refresh: checked.refresh,
    roles: new Map(Object.entries(checked.roles)),
    namedRoles: options.roles === undefined ? undefined : new Map(Object.entries(checked.roles)),
    adminRoles: Object.keys(checked.roles).filter((role) => isAdministrator(checked.roles[role] ?? [])),
    algorithm: checked.keys.algorithm,
    passwordMinLength: checked.passwords.minLength,
    signUp: { enabled: checked.signUp.enabled, allow: options.signUp?.allow ?? (() => true) },
    trustedProxies: readProxies(checked.trustedProxies),
    rateLimit: readRateLimit(checked.rateLimit, options.rateLimit),
    events: checked.events,
  };
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.map(String) ?? [];
  const unknown =
    issue?.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key].join(".")) : [];
  const option = unknown[0] ?? path.join(".");
  const fault = unknown.length > 0 ? "there is no such option" : (issue?.message ?? "not valid");
  const remedy = remedies[path[0] ?? ""] ?? "See the documentation of LatchkeyOptions.";
  return `${option}: ${fault}. ${unknown.length > 0 ? "Remove it, or look for a typing mistake." : remedy}`;
}

function readSecrets(secret: Shape["secret"]): readonly string[] {
  const secrets = typeof secret === "string" ? [secret] : secret;
  const short = secrets.findIndex((one) => one.length < 32);
  if (short >= 0) {
    misuse(`secret: entry ${short + 1} has fewer than 32 characters. ${remedies.secret}`);
  }
  return secrets;
}

/** HTTPS is decided by `baseURL` alone (never by what a request or a proxy says). */
function readBaseURL(baseURL: string | undefined, production: boolean): URL {
  if (baseURL === undefined) {
    if (production)
      misuse(`baseURL: missing, and required when NODE_ENV is "production". ${remedies.baseURL}`);
    return new URL("http://localhost");
  }
  const url = new URL(baseURL);
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "") {
    misuse(`baseURL: "${url.origin}" with nothing behind it is expected; the path belongs into basePath.`);
  }
  if (production && url.protocol !== "https:" && !isLoopback(url.hostname)) {
    misuse(`baseURL: "${url.origin}" would send credentials in clear. Use https in production.`);
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

function readOrigin(origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || url.origin !== origin || origin.includes("*")) {
    return misuse(
      `trustedOrigins: "${origin}" is no origin. Write scheme and host only, e.g. "https://admin.example".`,
    );
  }
  return origin;
}

function readClients(clients: Shape["clients"], secure: boolean): ReadonlyMap<string, Client> {
  const entries = Object.entries(clients);
  if (entries.length === 0) misuse("clients: at least one is needed.");
  return new Map(entries.map(([name, client]) => [name, readClient(name, client, secure)]));
}

function readClient(name: string, client: Shape["clients"][string], secure: boolean): Client {
  if (name === "device")
    misuse('clients.device: "device" is the name of the cookie of known devices. Choose another name.');
  const { transport, strategy, accept = [] } = client;
  const isJwt = strategy.startsWith("jwt");
  if (client.refresh === true && !isJwt) {
    misuse(
      `clients.${name}.refresh: strategy "${strategy}" has no refresh tokens. Leave it out, or choose a jwt strategy.`,
    );
  }
  // `__Host-` (RFC 6265bis, section 4.1.3.2) binds a cookie to this very host; browsers want Secure for it.
  const cookieName = `${secure ? "__Host-" : ""}latchkey-${name}`;
  return {
    name,
    transport,
    strategy,
    accept: [...new Set([strategy, ...accept])],
    refresh: isJwt && client.refresh !== false,
    cookieName,
    refreshCookieName: `${cookieName}-refresh`,
  };
}

function readSession({ maxPerUser, onLimit, ...times }: Shape["session"]): Settings["session"] {
  return { ...times, limit: maxPerUser === undefined ? null : { max: maxPerUser, onLimit } };
}

/** Without a session row there is nothing to count and nothing that idles. */
function refuseRowlessLimits(clients: Shape["clients"], { session }: LatchkeyOptions): void {
  const rowless = Object.entries(clients).find(
    ([, { strategy, refresh }]) => strategy === "jwt" && refresh === false,
  );
  const option = (["maxPerUser", "idleTimeout"] as const).find((name) => typeof session?.[name] === "number");
  if (rowless === undefined || option === undefined) return;
  misuse(
    `session.${option}: client "${rowless[0]}" (strategy "jwt" without refresh) keeps no sessions, so it cannot hold. ` +
      "Give that client refresh tokens or another strategy, or leave the option out.",
  );
}

function isAdministrator(permissions: readonly string[]): boolean {
  return permissions.includes("*") || permissions.includes("admin:*");
}
