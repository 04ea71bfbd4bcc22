import type { LatchkeyOptions, RateLimitOptions } from "latchkey";
import { z } from "zod";

/** A schema whose every mistake is told in the same words: they are the remedy that the person reads. */
const seconds = z
  .int({ error: "give a whole number of seconds, e.g. 900." })
  .min(1, "give at least 1 second.");

const name = z.string({ error: "give a text in quotes." }).min(1, "it may not be empty.");

/** An object that refuses members it does not know: a mistyped option must not be lost in silence. */
function members<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `use ${known}.` : `give an object with ${known}.`,
  });
}

const yesOrNo = z.boolean({ error: "give true or false." });

const strategies = ["session", "session-live", "jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"] as const;
const strategy = z.enum(strategies, { error: `use one of ${strategies.join(", ")}.` });

const client = members({
  transport: z.enum(["cookie", "bearer"], { error: 'use "cookie" or "bearer".' }),
  strategy,
  accept: z.array(strategy).exactOptional(),
  refresh: yesOrNo.exactOptional(),
});

const times = z.int({ error: "give a whole number, e.g. 10." }).min(1, "give at least 1.");

const limits = members({
  perAccount: members({
    attempts: times.exactOptional(),
    firstPause: seconds.exactOptional(),
    longestPause: seconds.exactOptional(),
    memory: seconds.exactOptional(),
  }).exactOptional(),
  perIp: members({
    window: seconds.exactOptional(),
    failures: times.exactOptional(),
    signUps: times.exactOptional(),
    refreshes: times.exactOptional(),
  }).exactOptional(),
});

const names = z.array(name, { error: 'give a list, e.g. ["orders:read"].' });

const audience = members({ expiresIn: seconds.exactOptional(), scopes: names.exactOptional() });

const service = members({
  secretHash: z.union([name, z.array(name)], {
    error: "give what hashServiceSecret() makes of the service's secret, or a list of those.",
  }),
  scopes: names.exactOptional(),
  audiences: names.exactOptional(),
  introspect: yesOrNo.exactOptional(),
  audience: name.exactOptional(),
});

/** Options of `latchkey()` that a configuration file hands on as they are. */
export type AuthOptions = Pick<
  LatchkeyOptions,
  | "basePath"
  | "clients"
  | "session"
  | "refresh"
  | "access"
  | "revocation"
  | "roles"
  | "keys"
  | "trustedOrigins"
  | "trustedProxies"
  | "audiences"
  | "services"
  | "passwords"
  | "signUp"
> & { readonly rateLimit?: false | Omit<RateLimitOptions, "limiter"> };

/** What a configuration file may hold: those options, and the settings that also are flags or variables. */
export interface FileSettings extends AuthOptions {
  readonly port?: number;
  readonly host?: string;
  readonly db?: string;
  readonly demo?: boolean;
  readonly baseURL?: string;
  readonly metricsPort?: number;
}

type SignUpAllow = NonNullable<NonNullable<LatchkeyOptions["signUp"]>["allow"]>;
type Hasher = NonNullable<NonNullable<LatchkeyOptions["passwords"]>["hasher"]>;

const allow = z.custom<SignUpAllow>((value) => typeof value === "function", {
  error: "give a function; that takes a .mjs file, JSON cannot hold one.",
});

const hasher = z.custom<Hasher>(
  (value) => typeof value === "object" && value !== null && "hash" in value && "verify" in value,
  { error: "give an object with hash and verify; that takes a .mjs file, JSON cannot hold functions." },
);

/** `--port`, also as text. */
export const port: z.ZodType<number> = z
  .int({ error: "give a whole number from 0 to 65535, e.g. 3000 (0 takes any free port)." })
  .min(0, "ports begin at 0.")
  .max(65_535, "ports end at 65535.");

/** `--host`. */
export const host: z.ZodType<string> = z
  .string({ error: "give an address of this machine, e.g. 127.0.0.1." })
  .regex(
    /^(?:[\w.:%-]+|\[[\w.:%]+\])$/,
    "give an address without scheme or path, e.g. 127.0.0.1, ::1 or 0.0.0.0.",
  )
  .transform((value) => value.replace(/^\[|\]$/g, ""));

const grace = { error: "give seconds from 0 to 300, e.g. 10." };

/** `--refresh-grace`. */
export const refreshGrace: z.ZodType<number> = z.number(grace).min(0, grace).max(300, grace);

/** `LATCHKEY_BASE_URL`: an origin, since our pages lie at its root. */
export const baseURL: z.ZodType<string> = z
  .string({ error: "give the address people use, e.g. https://auth.example." })
  .refine(isOrigin, "give scheme, host and port only, e.g. https://auth.example.")
  .transform((value) => new URL(value).origin);

/** Checks {@link FileSettings}. */
export const fileSchema: z.ZodType<FileSettings> = members({
  port: port.exactOptional(),
  host: host.exactOptional(),
  db: name.exactOptional(),
  demo: yesOrNo.exactOptional(),
  baseURL: baseURL.exactOptional(),
  metricsPort: port.exactOptional(),
  basePath: z
    .string({ error: 'give a path, e.g. "/api/auth".' })
    .regex(
      /^(?:\/[A-Za-z0-9_-]+)+$/,
      'give a path that begins with "/" and does not end with it, e.g. "/api/auth".',
    )
    .exactOptional(),
  clients: z.record(z.string(), client, { error: "give an object of clients by name." }).exactOptional(),
  session: members({
    expiresIn: seconds.exactOptional(),
    idleTimeout: seconds.nullable().exactOptional(),
    expiresInNotRemembered: seconds.exactOptional(),
    maxPerUser: times.exactOptional(),
    onLimit: z.enum(["evict", "refuse"], { error: 'use "evict" or "refuse".' }).exactOptional(),
  }).exactOptional(),
  refresh: members({
    expiresIn: seconds.exactOptional(),
    absoluteExpiresIn: seconds.exactOptional(),
    grace: refreshGrace.exactOptional(),
  }).exactOptional(),
  access: members({ expiresIn: seconds.exactOptional() }).exactOptional(),
  revocation: members({
    maxStaleness: z
      .number({ error: "give seconds, e.g. 2." })
      .min(0.1, "give at least 0.1.")
      .max(60, "give at most 60.")
      .exactOptional(),
    onStale: z
      .enum(["lookup", "reject", "accept"], { error: 'use "lookup", "reject" or "accept".' })
      .exactOptional(),
    cacheSize: times.exactOptional(),
    node: name.exactOptional(),
  }).exactOptional(),
  roles: z.record(z.string(), z.array(name), { error: "give lists of permissions by role." }).exactOptional(),
  keys: members({
    algorithm: z
      .enum(["EdDSA", "ES256", "RS256", "HS256"], { error: 'use "EdDSA", "ES256", "RS256" or "HS256".' })
      .exactOptional(),
  }).exactOptional(),
  trustedOrigins: z.array(name, { error: 'give a list, e.g. ["https://app.example"].' }).exactOptional(),
  audiences: z
    .record(z.string(), audience, { error: "give an object of audiences by name." })
    .exactOptional(),
  services: z.record(z.string(), service, { error: "give an object of services by id." }).exactOptional(),
  trustedProxies: z.array(name, { error: 'give a list, e.g. ["10.0.0.0/8"].' }).exactOptional(),
  rateLimit: z
    .preprocess((value) => (value === false ? null : value), limits.nullable())
    .transform((value) => value ?? (false as const))
    .exactOptional(),
  passwords: members({
    minLength: z
      .int({ error: "give a whole number of characters." })
      .min(1, "give at least 1.")
      .exactOptional(),
    hasher: hasher.exactOptional(),
  }).exactOptional(),
  signUp: members({
    enabled: yesOrNo.exactOptional(),
    allow: allow.exactOptional(),
  }).exactOptional(),
});

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && (value === url.origin || value === `${url.origin}/`);
}
