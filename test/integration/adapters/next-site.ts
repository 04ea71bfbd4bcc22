import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Auth, latchkey } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { startSite } from "../../support/servers/next-site.ts";

/** What the example and the scenario's site are sealed under, each. */
const secrets = {
  example: "only for a first look, not for production",
  scenario: "a secret for tests, of more than 32 characters",
};

/** A site with a database of its own. */
export interface NextSite {
  readonly url: string;
  readonly database: string;
  output(): string;
  close(): Promise<void>;
}

/** Starts the site over a new database, in which `prepare` has made what it takes, from outside of it. */
export async function openNextSite(
  kind: keyof typeof secrets,
  env: Record<string, string>,
  prepare: (auth: Auth) => Promise<unknown>,
): Promise<NextSite> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-next-"));
  const database = join(folder, "a.db");
  const auth = latchkey({ secret: secrets[kind], store: sqliteStore(database) });
  await prepare(auth);
  await auth.close();
  const { url, output, stop } = await startSite({ ...env, DATABASE: database });
  const close = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, database, output, close };
}

/** Does something to the database of a running site, as an administrator's own program does. */
export async function beside(database: string, act: (auth: Auth) => Promise<unknown>): Promise<void> {
  const auth = latchkey({ secret: secrets.example, store: sqliteStore(database) });
  try {
    await act(auth);
  } finally {
    await auth.close();
  }
}
