import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Auth, latchkey, type StrategyName, type Transport } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { describe, test } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { endOfTokens, type Site, scenario, takeFile } from "./scenario.ts";

/** Makes the application of the contract in {@link Site} with a framework. */
export type MakeApp = (auth: Auth) => RequestListener | Promise<RequestListener>;

const strategies: readonly StrategyName[] = [
  ...(["session", "session-live", "jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"] as const),
];
const transports: readonly Transport[] = ["cookie", "bearer"];

/** How a site is to be. */
export type SiteSettings = Pick<Site, "strategy" | "transport" | "accessExpiresIn">;

const allTransports: readonly SiteSettings[] = strategies.flatMap((strategy) =>
  transports.map((transport) => ({ strategy, transport, accessExpiresIn: 900 })),
);
/** Bearer clients refresh by themselves; what is left for them is the token that nobody can take back. */
const withExpiry: readonly SiteSettings[] = allTransports
  .filter(
    ({ strategy, transport }) => strategy === "jwt" || (strategy.startsWith("jwt") && transport === "cookie"),
  )
  .map((settings) => ({ ...settings, accessExpiresIn: 3 }));
export const admin: Site["admin"] = {
  email: "root@example.com",
  password: "the password of whoever is in charge",
};
export const maxStaleness = 0.5;

/** Walks through an application under every strategy and transport, over real HTTP. */
export function walkThrough(framework: string, makeApp: MakeApp): void {
  walkThroughSites(framework, (settings) => openSite(makeApp, settings));
}

/** Walks through the sites that `openWith` opens; only those that are `wanted`, where each is a process of its own. */
export function walkThroughSites(
  framework: string,
  openWith: (settings: SiteSettings) => Promise<OpenSite>,
  wanted: (settings: SiteSettings) => boolean = () => true,
): void {
  describe(framework, () => {
    for (const settings of allTransports.filter(wanted)) {
      test(`${settings.strategy} by ${settings.transport}`, async ({ onTestFinished }) => {
        const { site, close } = await openWith(settings);
        onTestFinished(close);
        await scenario(site);
      });
    }
  });

  // Apart, and at once: they only wait.
  describe.concurrent(`${framework}, when access tokens expire`, () => {
    for (const settings of withExpiry.filter(wanted)) {
      test(`${settings.strategy} by ${settings.transport}`, async ({ onTestFinished }) => {
        const { site, close } = await openWith(settings);
        onTestFinished(close);
        await endOfTokens(site);
      });
    }
  });
}

/** A site to walk through. */
export interface OpenSite {
  readonly site: Site;
  readonly close: () => Promise<void>;
}

async function openSite(
  makeApp: MakeApp,
  { strategy, transport, accessExpiresIn }: SiteSettings,
): Promise<OpenSite> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-adapters-"));
  const database = join(folder, "a.db");
  const auth = latchkey({
    secret: "a secret for tests, of more than 32 characters",
    store: sqliteStore(database),
    clients: { app: { transport, strategy } },
    roles: { admin: ["*"], editor: ["note:write"] },
    access: { expiresIn: accessExpiresIn },
    // So that the refresh token of a page that is renewed is another one as well.
    refresh: { grace: 2 },
    revocation: { maxStaleness },
    rateLimit: false,
    passwords: { hasher: plainHasher() },
  });
  await auth.start();
  await auth.api.createUser({ ...admin, roles: ["admin"] });
  const server = createServer(await makeApp(auth));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await auth.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const takeStore = () => takeFile(database);
  const given = { strategy, transport, takeStore, admin, accessExpiresIn, maxStaleness };
  return { site: { baseURL, client: "app", hasBroken: true, ...given }, close };
}
