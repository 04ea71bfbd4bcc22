import type { AuthClientOptions, TokenStorage } from "../types.ts";

/** The options, completed. */
export interface ClientSettings {
  /** Of the auth server. */
  readonly origin: string;
  /** Address of the routes. */
  readonly auth: string;
  readonly client: string | undefined;
  readonly bearer: boolean;
  readonly storage: TokenStorage | undefined;
  /** That may get the credential; the auth server's is among them. */
  readonly origins: readonly string[];
  readonly events: boolean;
  readonly channel: string | undefined;
  readonly timeout: number;
  readonly fetch: typeof fetch;
}

/** @throws TypeError if there is no address to talk to */
export function readClientOptions(options: AuthClientOptions): ClientSettings {
  const inBrowser = typeof document !== "undefined";
  const { client, storage, basePath = "/api/auth" } = options;
  const baseURL = options.baseURL ?? (inBrowser ? location.origin : undefined);
  if (baseURL === undefined) throw new TypeError("createAuthClient: give baseURL outside of pages");
  const { origin } = new URL(baseURL);
  const bearer = (options.transport ?? (inBrowser && !storage ? "cookie" : "bearer")) === "bearer";
  // A memory of its own shares nothing with other tabs.
  const shared =
    inBrowser && (!bearer || storage) ? `latchkey ${origin}${basePath} ${client ?? ""}` : undefined;
  return {
    origin,
    auth: origin + basePath,
    client,
    bearer,
    storage,
    origins: [origin, ...(options.origins ?? []).map((one) => new URL(one).origin)],
    events: options.events ?? true,
    channel: options.channel === false ? undefined : (options.channel ?? shared),
    timeout: options.timeout ?? 10_000,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  };
}
