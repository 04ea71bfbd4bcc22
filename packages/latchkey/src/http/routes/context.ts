import type { OAuthServer } from "../../session/oauth/server.ts";
import type { Auth, Logger } from "../../types.ts";
import type { EventStreams } from "../events/streams.ts";

/** What the routes are built on: the public API and the public keys. */
export interface HttpContext {
  readonly auth: Omit<Auth, "handler">;
  /** The JWK set. */
  readonly jwks: () => Promise<object>;
  /** Whether the roles hold a permission. */
  readonly permits: (roles: readonly string[], permission: string) => boolean;
  /** All that the roles are granted. */
  readonly permitted: (roles: readonly string[]) => readonly string[];
  /** Those of `GET /events`; null: there are none. */
  readonly streams: EventStreams | null;
  /** What stands behind the OAuth endpoints. */
  readonly oauth: OAuthServer;
  readonly logger: Logger | undefined;
  /** Rejects if the store does not answer. */
  readonly ready: () => Promise<unknown>;
}
