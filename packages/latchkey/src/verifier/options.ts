import { misuse } from "../errors.ts";
import { isWithoutBackground } from "../lib/timing/background.ts";
import type { Logger } from "../types.ts";

/** Options of {@link createVerifier}. Durations are seconds. */
export interface VerifierOptions {
  /** The `iss` of the tokens: base URL and base path of the server, e.g. `https://auth.example/api/auth`. */
  readonly issuer: string;
  /**
   * The `aud` of the tokens. Default: the server's origin, for access tokens of its own clients. Another one: tokens that
   * sessions were exchanged for.
   */
  readonly audience?: string;
  /** Of a service of the server with scope `changes:read`. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  /** The clients whose tokens are accepted. Default: all. */
  readonly clients?: readonly string[];
  /** Permissions by role, as the server has them. Default: `admin` may all. */
  readonly roles?: { readonly [role: string]: readonly string[] };
  /** How old what is known of revocations may be. 0.5 to 60, default 2. */
  readonly maxStaleness?: number;
  /**
   * Where it is older: `reject` (default) throws `stale`, to be answered 503; `accept` goes on with what is known, so that
   * a revoked token may be accepted until it expires.
   */
  readonly onStale?: "reject" | "accept";
  /** Most checked tokens that are remembered. Default 20000. */
  readonly cacheSize?: number;
  /** What to call this process in receipts. Default: its process id and four letters. */
  readonly node?: string;
  readonly logger?: Logger;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch;
  /**
   * False where nothing runs between two requests (Cloudflare Workers, functions): then a check reads what is new itself,
   * or in `waitUntil`. Default: found out.
   */
  readonly background?: boolean;
}

/** The options, checked and completed. Durations are milliseconds. */
export interface VerifierSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Whether tokens are those of the server's own clients. */
  readonly own: boolean;
  readonly credentials: VerifierOptions["credentials"];
  readonly clients: ReadonlySet<string> | null;
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly maxStaleness: number;
  readonly onStale: "reject" | "accept";
  readonly cacheSize: number;
  readonly node: string | null;
  readonly background: boolean;
}

/** @throws LatchkeyError `misuse`, naming the option and the remedy; the secret is never shown */
export function readVerifierOptions(options: VerifierOptions): VerifierSettings {
  const { issuer, credentials, maxStaleness = 2, cacheSize = 20_000 } = options;
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || issuer.endsWith("/"))
    misuse(
      'issuer: give the address of the server with its base path, e.g. "https://auth.example/api/auth".',
    );
  if (!credentials?.clientId || !credentials.clientSecret)
    misuse("credentials: give clientId and clientSecret of a service with the scope changes:read.");
  if (!(maxStaleness >= 0.5 && maxStaleness <= 60)) misuse("maxStaleness: give seconds from 0.5 to 60.");
  if (!(Number.isSafeInteger(cacheSize) && cacheSize > 0))
    misuse("cacheSize: give a whole number from 1 on.");
  const origin = new URL(issuer).origin;
  const audience = options.audience ?? origin;
  return {
    ...{ issuer, audience, credentials, cacheSize },
    own: audience === origin,
    clients: options.clients === undefined ? null : new Set(options.clients),
    roles: new Map(Object.entries(options.roles ?? { admin: ["*"] })),
    maxStaleness: maxStaleness * 1000,
    onStale: options.onStale ?? "reject",
    node: options.node ?? null,
    background: options.background ?? !isWithoutBackground(),
  };
}
