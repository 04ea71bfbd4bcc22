import type { ClientOptions } from "latchkey";
import { mistake } from "../start-error.ts";

type Clients = { readonly [name: string]: ClientOptions };

/** The client our pages sign in with. */
export const pagesClient = "web";

const usual: Clients = {
  [pagesClient]: { transport: "cookie", strategy: "session-live" },
  mobile: { transport: "bearer", strategy: "jwt-live" },
};

/** One bearer client for each strategy, named after it, and a cookie with refresh: what `--demo` shows side by side. */
const demoClients: Clients = {
  session: { transport: "bearer", strategy: "session" },
  "session-live": { transport: "bearer", strategy: "session-live" },
  jwt: { transport: "bearer", strategy: "jwt" },
  "jwt-denylist": { transport: "bearer", strategy: "jwt-denylist" },
  "jwt-allowlist": { transport: "bearer", strategy: "jwt-allowlist" },
  "jwt-live": { transport: "bearer", strategy: "jwt-live" },
  "web-jwt": { transport: "cookie", strategy: "jwt" },
};

/**
 * The clients of this server. `--demo` adds its own to those of the configuration file.
 *
 * @throws StartError if the pages would have no cookie to sign in with
 */
export function clientsFor(demo: boolean, configured: Clients | undefined, file: string): Clients {
  const clients = configured ?? usual;
  if (clients[pagesClient]?.transport !== "cookie") {
    const option = `clients.${pagesClient} in ${file}`;
    const shown = JSON.stringify(clients[pagesClient]) ?? "missing";
    throw mistake(option, shown, 'the pages sign in with it; give it "transport": "cookie".');
  }
  return demo ? { ...usual, ...clients, ...demoClients } : clients;
}
