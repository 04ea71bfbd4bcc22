import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Auth, type LatchkeyOptions, latchkey, problemResponse } from "latchkey";
import { createAuthClient } from "latchkey/client";
import { memoryStore } from "latchkey/memory";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { onTestFinished } from "vitest";
import { makeApi } from "../../../packages/server/src/http/api.ts";
import { takePort } from "../../../packages/server/src/run/door.ts";
import { quickHasher } from "../../support/http/hasher.ts";
import { type HttpProxy, startHttpProxy } from "../../support/net/http-proxy.ts";
import { App } from "./page.tsx";

const secret = "a secret for tests, of more than 32 characters";
export const password = "correct horse battery staple";

/** An application with pages by React, and a network before it that can be broken. */
export interface Site {
  readonly auth: Auth;
  readonly proxy: HttpProxy;
  /** So many seconds pass at the server, and nowhere else. */
  pass(seconds: number): void;
  /** A browser with as many tabs; somebody new is signed in in all of them. */
  arrive(tabs: number, search?: string): Promise<Arrived>;
}

export interface Arrived {
  readonly context: BrowserContext;
  readonly tabs: readonly Page[];
  readonly userId: string;
  /** What the tabs have shown as their status so far. */
  seen(): Promise<readonly string[]>;
  /** Count of the refresh token that the browser holds. */
  rotations(): Promise<number>;
  /** Things that the browser complained of. */
  readonly complaints: readonly string[];
}

let people = 0;

/** The script of the page, as a bundler would make it. */
async function makeScript(): Promise<string> {
  const source = fileURLToPath(new URL("../../../packages/latchkey/src", import.meta.url));
  const result = await build({
    entryPoints: [fileURLToPath(new URL("hydrate.tsx", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    alias: { "latchkey/client": `${source}/client.ts`, "latchkey/react": `${source}/client/react.ts` },
    logLevel: "error",
  });
  return result.outputFiles[0]?.text ?? "";
}

export async function makeSite(browser: Browser, options: Partial<LatchkeyOptions> = {}): Promise<Site> {
  const script = await makeScript();
  const door = await takePort("127.0.0.1", 0);
  const proxy = await startHttpProxy(door.url);
  let ahead = 0;
  const clock = (): number => Date.now() + ahead;
  const auth = latchkey({
    secret,
    baseURL: proxy.url,
    store: memoryStore({ clock }),
    clock,
    clients: {
      web: { transport: "cookie", strategy: "jwt-live" },
      mobile: { transport: "bearer", strategy: "jwt-live" },
    },
    roles: { admin: ["*"], editor: ["post:*"] },
    rateLimit: false,
    passwords: { hasher: quickHasher() },
    ...options,
  });
  const api = makeApi(auth, "/api/auth");
  door.open(async (request, env) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/") return draw(auth, request, search);
    if (pathname === "/app.js")
      return new Response(script, { headers: { "content-type": "text/javascript" } });
    if (pathname !== "/api/me") return api.fetch(request, env);
    const result = await auth.authenticate(request);
    return result.ok ? Response.json({ id: result.user.id }) : problemResponse(result);
  });
  onTestFinished(async () => {
    proxy.close();
    door.server.close();
    door.server.closeAllConnections();
    await auth.close();
  });
  return {
    auth,
    proxy,
    pass: (seconds) => {
      ahead += seconds * 1000;
    },
    arrive: (tabs, search = "") => arrive(browser, proxy.url, tabs, search),
  };
}

/** As a server that knows the session from its own check draws it. */
async function draw(auth: Auth, request: Request, search: string): Promise<Response> {
  const initial =
    search.includes("unknown") || search.includes("bearer") ? undefined : await auth.api.getSession(request);
  const client = createAuthClient({ baseURL: new URL(request.url).origin });
  const drawn = renderToString(createElement(App, { client, initial }));
  const given = initial === undefined ? "undefined" : JSON.stringify(initial).replaceAll("<", "\\u003c");
  const html = `<!doctype html><link rel="icon" href="data:,"><div id="root">${drawn}</div>
<script>
  window.initial = ${given};
  window.seen = [document.getElementById("status").textContent];
  window.shownAt = {};
  new MutationObserver(() => {
    const status = document.getElementById("status")?.textContent;
    if (status !== window.seen.at(-1)) window.seen.push(status);
    for (const id of ["out", "writer", "reader"])
      if (document.getElementById(id) === null) delete window.shownAt[id];
      else window.shownAt[id] ??= Date.now();
  }).observe(document.getElementById("root"), { subtree: true, childList: true, characterData: true });
</script>
<script type="module" src="/app.js"></script>`;
  return new Response(html, { headers: { "content-type": "text/html", "cache-control": "no-store" } });
}

async function arrive(browser: Browser, url: string, count: number, search: string): Promise<Arrived> {
  const context = await browser.newContext({ baseURL: url });
  onTestFinished(() => context.close());
  const complaints: string[] = [];
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (/hydrat|Warning|did not match/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`/${search}`);
    return page;
  };
  const first = await open();
  await first.waitForFunction(() => "client" in window);
  const email = `person-${people++}@example.com`;
  const answer = await first.evaluate((input) => window.client.signUp.email(input), { email, password });
  if (!answer.ok) throw new Error(answer.code);
  await first.goto(`/${search}`);
  const tabs = [first, ...(await Promise.all(Array.from({ length: count - 1 }, open)))];
  await Promise.all(tabs.map((tab) => shows(tab, "authenticated")));
  const lists = (): Promise<string[][]> => Promise.all(tabs.map((tab) => tab.evaluate(() => window.seen)));
  return {
    context,
    tabs,
    userId: answer.user.id,
    seen: async () => [...new Set((await lists()).flat())],
    rotations: async () => {
      const cookie = (await context.cookies()).find(({ name }) => name.endsWith("-web-refresh"));
      return Number(cookie?.value.split(".")[1]);
    },
    complaints,
  };
}

/** When (milliseconds since the epoch) the last of the tabs came to show an element. */
export async function shownAt(tabs: readonly Page[], id: string): Promise<number> {
  const times = tabs.map(async (tab) => {
    const handle = await tab.waitForFunction((wanted) => window.shownAt[wanted], id, { timeout: 15_000 });
    return Number(await handle.jsonValue());
  });
  return Math.max(...(await Promise.all(times)));
}

/** Waits until a tab shows a status. */
export async function shows(tab: Page, status: string, timeout = 15_000): Promise<void> {
  await tab.waitForFunction((wanted) => document.getElementById("status")?.textContent === wanted, status, {
    timeout,
  });
}
