import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type RunningServer, startSharedServer } from "../integration/server/run-server.ts";
import { launch } from "./chromium.ts";

/** A server and a browser for the tests of one file. */
export interface Site {
  readonly browser: Browser;
  readonly server: RunningServer;
}

/** Starts both before the file's tests and ends them after; the function gives them while they run. */
export function useSite(...args: readonly string[]): () => Site {
  let site: Site | undefined;
  const folder = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
  beforeAll(async () => {
    const server = await startSharedServer(["--db", join(folder, "a.db"), ...args]);
    site = { server, browser: await launch() };
  });
  afterAll(async () => {
    await site?.browser.close();
    await site?.server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (site === undefined) throw new Error("the site is there while tests run");
    return site;
  };
}
